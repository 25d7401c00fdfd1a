// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/inspection_json.h>
#include <crosstrace/report/inspection_terminal.h>
#include <gmock/gmock.h>
#include <unit/report/sample_inspection.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace crosstrace {
namespace {

using test::golden_difference;
using test::sample_inspection;
using testing::HasSubstr;
using testing::Not;

std::string terminal(const Inspection& inspection, Colors colors = Colors::kOff) {
  std::ostringstream stream;
  write_terminal(stream, inspection, colors);
  return stream.str();
}

TEST(InspectionTerminalTest, IsTheGoldenFile) {
  EXPECT_EQ(golden_difference("inspection.txt", terminal(sample_inspection())), "");
}

TEST(InspectionTerminalTest, ColoursTheSameText) {
  auto text = terminal(sample_inspection(), Colors::kOn);
  EXPECT_THAT(text, HasSubstr("\033[1;31merror:\033[0m device-literal"));
  EXPECT_THAT(text, HasSubstr("\033[33mwarning:\033[0m tensor-constant"));
  for (std::size_t start; (start = text.find('\033')) != std::string::npos;) {
    text.erase(start, text.find('m', start) + 1 - start);
  }
  EXPECT_EQ(text, terminal(sample_inspection()));
}

TEST(InspectionTerminalTest, IsShortWhereNothingWasFound) {
  EXPECT_EQ(terminal({"0.1.0", "2.15.0", "m.pt", {}, {{"aten::relu", 1, {{"cuda", true}}}}}),
            "CrossTrace 0.1.0, LibTorch 2.15.0: m.pt\n\n1 operator\n"
            "0 errors, 0 warnings, 0 notes\n");
}

TEST(InspectionTerminalTest, NeverPassesOnAnEscapeSequence) {
  auto inspection = sample_inspection();
  inspection.archive = inspection.findings[0].message = inspection.findings[0].id =
      inspection.operators[1].name = "\033[31mred";
  EXPECT_THAT(terminal(inspection), Not(HasSubstr("\033")));
}

TEST(InspectionJsonTest, IsTheGoldenFile) {
  EXPECT_EQ(golden_difference("inspection.json", to_json(sample_inspection())), "");
}

TEST(InspectionJsonTest, HasTheKeysOfTheContract) {
  const auto json = nlohmann::ordered_json::parse(to_json(sample_inspection()));
  const auto keys = [](const nlohmann::ordered_json& object) {
    std::string text;
    for (const auto& [key, value] : object.items()) text += key + " ";
    return text;
  };
  EXPECT_EQ(keys(json), "schema_version tool_version libtorch_version archive findings operators ");
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(keys(json["findings"][0]),
            "id rule severity method operator message advice source function module_path repair ");
  EXPECT_TRUE(json["findings"][0]["source"].is_null());
  EXPECT_EQ(json["findings"][2]["source"].dump(), R"({"file":"src/my model.py","line":14})");
  EXPECT_EQ(json["operators"][1].dump(),
            R"({"name":"aten::histc","count":1,"kernels":{"cpu":true,"cuda":false}})");
}

TEST(InspectionJsonTest, HasEmptyListsWhereThereIsNothing) {
  const auto json = nlohmann::json::parse(to_json(make_inspection("m.pt", {}, {})));
  EXPECT_TRUE(json["findings"].is_array() && json["operators"].is_array());
}

TEST(InspectionTest, ExitsWith1AboveANote) {
  Finding finding;
  EXPECT_EQ(exit_code(make_inspection("m.pt", {}, {})), 0);
  EXPECT_EQ(exit_code(make_inspection("m.pt", {finding}, {})), 0);
  finding.severity = Severity::kWarning;
  EXPECT_EQ(exit_code(make_inspection("m.pt", {finding}, {})), 1);
  finding.severity = Severity::kError;
  EXPECT_EQ(exit_code(make_inspection("m.pt", {finding}, {})), 1);
}

}  // namespace
}  // namespace crosstrace
