// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/json.h>
#include <crosstrace/report/junit.h>
#include <crosstrace/report/read_json.h>
#include <crosstrace/report/terminal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unit/report/sample_pages.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>
#include <string>

namespace crosstrace {
namespace {

using test::golden_difference;
using test::sample_report;
using testing::HasSubstr;
using testing::Not;

std::string terminal(const Report& report, Colors colors = Colors::kOff) {
  std::ostringstream stream;
  write_terminal(stream, report, colors);
  return stream.str();
}

Report empty_report() { return {.tool_version = "0.1.0", .libtorch_version = "2.15.0"}; }

TEST(ReportTest, CountsCellsByOutcome) {
  const auto summary = sample_report().summary();
  EXPECT_EQ(summary.passed, 13);
  EXPECT_EQ(summary.failed, 3);
  EXPECT_EQ(summary.skipped, 11);
  EXPECT_EQ(summary.untrusted, 1);
}

TEST(TerminalReportTest, IsTheGoldenFile) {
  EXPECT_EQ(golden_difference("report.txt", terminal(sample_report())), "");
}

TEST(TerminalReportTest, ColoursTheSameText) {
  auto text = terminal(sample_report(), Colors::kOn);
  EXPECT_THAT(text, HasSubstr("\033[32mok\033[0m"));
  EXPECT_THAT(text, HasSubstr("\033[1;31mdiffers\033[0m"));
  for (std::size_t start; (start = text.find('\033')) != std::string::npos;) {
    text.erase(start, text.find('m', start) + 1 - start);
  }
  EXPECT_EQ(text, terminal(sample_report()));
}

TEST(TerminalReportTest, NeverPassesOnAnEscapeSequence) {
  EXPECT_THAT(terminal(sample_report()), Not(HasSubstr("\033")));
}

TEST(TerminalReportTest, LeavesOutWhatThereIsNoneOf) {
  EXPECT_EQ(terminal(empty_report()),
            "CrossTrace 0.1.0, LibTorch 2.15.0\n\n0 passed, 0 failed, 0 skipped, 0 untrusted\n");
}

TEST(TerminalReportTest, HasNoColoursWhereNobodyLooks) { EXPECT_EQ(colors_for(-1), Colors::kOff); }

TEST(JsonReportTest, IsTheGoldenFile) {
  EXPECT_EQ(golden_difference("report.json", to_json(sample_report())), "");
}

TEST(JsonReportTest, HasTheKeysOfTheContract) {
  const auto json = nlohmann::ordered_json::parse(to_json(sample_report()));
  const auto keys = [](const nlohmann::ordered_json& object) {
    std::string text;
    for (const auto& [key, value] : object.items()) text += key + " ";
    return text;
  };
  EXPECT_EQ(keys(json),
            "schema_version tool_version libtorch_version devices cells findings summary ");
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(keys(json["devices"][0]), "name state reason simulated stands_in ");
  EXPECT_EQ(keys(json["cells"][0]),
            "model method export trace_device transfer run_device verdict message outputs "
            "as_exported causes duration_ms ");
  EXPECT_EQ(keys(json["cells"][23]["outputs"][0]),
            "path dtype shape mismatched total max_abs max_rel worst_index nonfinite evidence ");
  EXPECT_EQ(keys(json["cells"][23]["outputs"][0]["evidence"]),
            "referee reference_error device_error factor limit decided_by ");
  EXPECT_EQ(keys(json["summary"]), "passed failed skipped untrusted ");
}

TEST(JsonReportTest, WritesInfinityAsNullAndBadBytesAsReplacement) {
  const auto json = nlohmann::json::parse(to_json(sample_report()));
  EXPECT_TRUE(json["cells"][23]["outputs"][0]["max_rel"].is_null());
  EXPECT_EQ(json["cells"][24]["message"], "threw \x1b[31mbytes\xEF\xBF\xBD\nand more");
}

TEST(JsonReportTest, ReadsBackEvidence) {
  const Report report = sample_report();
  const auto read = report_from_json(to_json(report)).cells;
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(is_decided_by_evidence(read[i]), i == 25) << i;
    for (std::size_t k = 0; k < read[i].outputs.size(); ++k) {
      const auto& was = report.cells[i].outputs[k].evidence;
      const auto& is = read[i].outputs[k].evidence;
      ASSERT_EQ(is.has_value(), was.has_value());
      if (!was) continue;
      EXPECT_EQ(is->referee, was->referee);
      EXPECT_EQ(std::isnan(is->factor), std::isnan(was->factor));
      if (std::isnan(was->factor)) continue;
      EXPECT_EQ(is->reference_error, was->reference_error);
      EXPECT_EQ(is->device_error, was->device_error);
      EXPECT_EQ(is->factor, was->factor);
      EXPECT_EQ(is->limit, was->limit);
    }
  }
}

TEST(JsonReportTest, SaysOfWhatItCannotReadBackThatItIsNoReport) {
  const auto error_for = [](const std::string& word, const std::string& other) {
    std::string text = to_json(sample_report());
    text.replace(text.find(word), word.size(), other);
    try {
      report_from_json(text);
      return std::string("it was read");
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
  };
  const std::string no_report = "this is not a report of crosstrace check: ";
  EXPECT_EQ(error_for("\"verdict\": \"match\"", "\"verdict\": \"good\""),
            no_report + "'good' is not a word of a report");
  EXPECT_THAT(error_for("\"transfer\": \"to\"", "\"transfer\": \"walk\""),
              testing::StartsWith(no_report));
  EXPECT_THAT(error_for("{", "["), testing::StartsWith(no_report));
}

TEST(JsonReportTest, HasEmptyListsWhereThereIsNothing) {
  const auto json = nlohmann::json::parse(to_json(empty_report()));
  EXPECT_TRUE(json["devices"].is_array() && json["cells"].is_array() &&
              json["findings"].is_array());
}

TEST(JunitReportTest, IsTheGoldenFile) {
  EXPECT_EQ(golden_difference("report.xml", to_junit(sample_report())), "");
}

TEST(JunitReportTest, CountsWhatItHolds) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(to_junit(sample_report()).c_str()));
  for (const auto& suite : document.child("testsuites").children("testsuite")) {
    const auto count = [&](const char* query) {
      return static_cast<int>(suite.select_nodes(query).size());
    };
    EXPECT_EQ(suite.attribute("tests").as_int(), count("testcase"));
    EXPECT_EQ(suite.attribute("failures").as_int(), count("testcase/failure"));
    EXPECT_EQ(suite.attribute("skipped").as_int(), count("testcase/skipped"));
  }
}

// GitLab (lib/gitlab/ci/parsers/test/junit.rb) shows the text of an element alone.
TEST(JunitReportTest, SaysWhyInAnAttributeAndInTheText) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(to_junit(sample_report()).c_str()));
  const auto reasons = document.select_nodes("//failure | //skipped");
  EXPECT_EQ(reasons.size(), 15U);
  for (const auto& reason : reasons) {
    const std::string message = reason.node().attribute("message").value();
    EXPECT_FALSE(message.empty());
    EXPECT_THAT(reason.node().text().get(), testing::StartsWith(message));
  }
}

TEST(JunitReportTest, LeadsToTheLineOfTheModel) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(to_junit(sample_report()).c_str()));
  const auto placed = document.select_nodes("//testcase[@file='src/my model.py'][@line='14']");
  EXPECT_EQ(placed.size(), 2U);
  EXPECT_EQ(document.select_nodes("//testcase[@file]").size(), 2U);
}

TEST(JunitReportTest, TheNameOfASimulatedCellSaysSo) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(to_junit(sample_report()).c_str()));
  int simulated = 0;
  for (const auto& match : document.select_nodes("//testcase")) {
    const std::string name = match.node().attribute("name").value();
    const bool on_sim = name.find("run on sim:") != std::string::npos;
    EXPECT_EQ(name.ends_with(" (simulated)"), on_sim) << name;
    simulated += on_sim;
  }
  EXPECT_EQ(simulated, 11);
}

TEST(JunitReportTest, HoldsWhateverModelsSay) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(to_junit(test::hostile_report()).c_str()));
  EXPECT_EQ(document.select_nodes("//testcase").size(), 2U);
  EXPECT_EQ(document.select_nodes("//script | //img").size(), 0U);
  EXPECT_EQ(document.child("testsuites").child("testsuite").attribute("name").value(),
            test::hostile_report().cells[0].id.model);
}

TEST(JunitReportTest, KeepsNamesApart) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(to_junit(sample_report()).c_str()));
  std::set<std::string> names;
  for (const auto& match : document.select_nodes("//testcase")) {
    const auto node = match.node();
    names.insert(std::string(node.attribute("classname").value()) + "/" +
                 node.attribute("name").value());
  }
  EXPECT_EQ(names.size(), sample_report().cells.size());
}

}  // namespace
}  // namespace crosstrace
