// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/findings.h>
#include <crosstrace/report/json.h>
#include <crosstrace/report/junit.h>
#include <crosstrace/report/read_json.h>
#include <crosstrace/report/terminal.h>
#include <gmock/gmock.h>
#include <unit/report/sample_report.h>

#include <pugixml.hpp>
#include <sstream>
#include <stdexcept>

namespace crosstrace {
namespace {

using test::sample_findings;
using test::sample_report;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string terminal(const Report& report) {
  std::ostringstream stream;
  write_terminal(stream, report);
  return stream.str();
}

/// One failed cell with many causes, all of them notes.
Report report_of_many_causes(int count) {
  Report report;
  report.cells = {test::cell("M", "cpu", Transfer::kTo, "sim:0", Verdict::kError, "threw")};
  for (int i = 1; i <= count; ++i) {
    Finding finding;
    finding.id = "random-" + std::to_string(i);
    finding.rule = "random";
    finding.message = "Why " + std::to_string(i) + ".";
    report.findings.push_back(finding);
    report.cells[0].causes.push_back(finding.id);
  }
  return report;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(FindingTitleTest, NamesThePlaceTheOperatorAndTheMethod) {
  const auto findings = sample_findings();
  EXPECT_EQ(detail::title(findings[0]), "random in method forward, aten::dropout");
  EXPECT_EQ(detail::title(findings[1]), "tensor-constant in module encoder, in encoder.encode");
  EXPECT_EQ(detail::title(findings[2]),
            "device-literal at src/my model.py:14, aten::arange in forward");
  EXPECT_EQ(detail::title(findings[3]),
            "stranded-attribute in Baked<T>::forward\xEF\xBF\xBD(at::Tensor)");
  EXPECT_EQ(detail::title(Finding{.rule = "random"}), "random in the module");
}

TEST(FindingExplanationTest, SaysWhyAndWhatToDo) {
  const auto findings = sample_findings();
  EXPECT_THAT(detail::explanation(findings[0]),
              ElementsAre("aten::dropout draws anew at each call, so answers differ."));
  EXPECT_THAT(detail::explanation(findings[1]),
              ElementsAre("A tensor of <6> elements stays on cpu & is added to one that moves.",
                          "`crosstrace repair` does it."));
  EXPECT_THAT(detail::explanation(findings[2]),
              ElementsAre("aten::arange makes its tensor on cpu, wherever the input is.",
                          "Make it on the device of the input. `crosstrace repair` does it."));
  EXPECT_THAT(detail::explanation(findings[3]),
              ElementsAre("The list 'cache' holds a tensor that does not move.",
                          "Register it as a buffer."));
}

TEST(FindingsTest, AreCountedBySeverity) {
  EXPECT_EQ(detail::count_findings(sample_findings()), "2 errors, 1 warning, 1 note");
  EXPECT_EQ(detail::count_findings({}), "0 errors, 0 warnings, 0 notes");
}

TEST(TerminalFindingsTest, EachIsPrintedOnceAndNotesOnlyAsCauses) {
  const auto text = terminal(sample_report());
  EXPECT_THAT(text,
              HasSubstr("    caused by device-literal-1, tensor-constant-1, of another report\n"));
  EXPECT_EQ(count_of(text, "[device-literal-1]"), 1U);
  EXPECT_THAT(text, Not(HasSubstr("draws anew")));
  EXPECT_THAT(text, HasSubstr("  1 note explains no failure; the JSON report has all\n"));
  EXPECT_THAT(terminal(report_of_many_causes(1)),
              HasSubstr("Findings\n  note: random in the module [random-1]\n    Why 1.\n\n"));
}

TEST(TerminalFindingsTest, ManyCausesAreCutShort) {
  EXPECT_THAT(terminal(report_of_many_causes(10)),
              HasSubstr("caused by random-1, random-2, random-3, random-4, random-5, random-6, "
                        "random-7, random-8 and 2 more\n"));
}

TEST(JunitFindingsTest, AFailureTellsItsCausesInFull) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(to_junit(sample_report()).c_str()));
  const auto failure = document.select_node("//failure[@type='error']").node();
  EXPECT_STREQ(
      failure.text().get(),
      "threw \xEF\xBF\xBD[31mbytes\xEF\xBF\xBD\nand more\n\n"
      "caused by device-literal-1, tensor-constant-1, of another report\n\n"
      "error: device-literal at src/my model.py:14, aten::arange in forward [device-literal-1]\n"
      "  aten::arange makes its tensor on cpu, wherever the input is.\n"
      "  Make it on the device of the input. `crosstrace repair` does it.\n\n"
      "warning: tensor-constant in module encoder, in encoder.encode [tensor-constant-1]\n"
      "  A tensor of <6> elements stays on cpu & is added to one that moves.\n"
      "  `crosstrace repair` does it.");
  EXPECT_STREQ(failure.attribute("message").value(), "threw \xEF\xBF\xBD[31mbytes\xEF\xBF\xBD");
}

TEST(ReadJsonTest, GivesBackFindingsAndCauses) {
  const auto report = sample_report();
  const auto read = report_from_json(to_json(report));
  ASSERT_EQ(read.findings.size(), report.findings.size());
  Report again = report;
  again.findings = read.findings;
  again.cells = read.cells;
  EXPECT_EQ(to_json(again), to_json(report));
}

TEST(ReadJsonTest, RefusesWhatIsNoReport) {
  EXPECT_THROW(report_from_json("{}"), std::runtime_error);
  EXPECT_THROW(report_from_json("garbage"), std::runtime_error);
  auto text = to_json(sample_report());
  text.replace(text.find("\"severity\": \"note\""), 18, "\"severity\": \"fine\"");
  try {
    report_from_json(text);
    FAIL() << "read";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(),
                 "this is not a report of crosstrace check: 'fine' is not a word of a report");
  }
}

}  // namespace
}  // namespace crosstrace
