// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/repair_json.h>
#include <crosstrace/report/repair_terminal.h>
#include <gmock/gmock.h>
#include <unit/report/sample_report.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace crosstrace {
namespace {

using testing::HasSubstr;
using testing::Not;

/// One change that was proven on the CPU and fails on sim:0; one place is left.
RepairReport sample_repair() {
  RepairResult result;
  result.archive = "model.pt";
  result.target = "fixed.pt";
  result.home = "cpu";
  result.findings = test::sample_findings();
  RepairStep step;
  step.method = "forward";
  step.operator_name = "aten::arange";
  step.source = SourceLocation{"model.py", 14};
  step.text = "its device is that of x";
  step.findings = {"device-literal-1", "device-literal-2"};
  result.steps = {step};
  RepairStep left;
  left.attribute = "encoder.cache";
  left.text = "it is assigned in forward";
  left.advice = "Register it as a buffer.";
  result.left = {left};
  result.why_not = "1 place cannot be repaired automatically";
  result.proof.emplace();
  result.proof->calls_at_home = 3;
  result.proof->cells = {
      test::cell("model", "cpu", Transfer::kTo, "cpu", Verdict::kMatch),
      test::cell("model", "cpu", Transfer::kTo, "sim:0", Verdict::kError, "no\nmore")};
  return {"0.1.0", "2.15.0", result};
}

std::string terminal(const RepairReport& report, Colors colors = Colors::kOff) {
  std::ostringstream stream;
  write_terminal(stream, report, colors);
  return stream.str();
}

TEST(RepairTerminalTest, TellsChangesAndWhatIsLeft) {
  EXPECT_EQ(
      terminal(sample_repair()),
      "CrossTrace 0.1.0, LibTorch 2.15.0: model.pt, made on cpu\n\n"
      "changed: model.py:14, aten::arange in forward [device-literal-1, device-literal-2]\n"
      "  its device is that of x\n\n"
      "left: attribute encoder.cache\n"
      "  it is assigned in forward\n"
      "  Register it as a buffer.\n\n"
      "3 answers on cpu are the same to the last bit; 1 cell of the repaired archive passed, 1 "
      "failed, 0 skipped\n"
      "  model: trace on cpu, to, run on sim:0\n"
      "    error: no\n"
      "1 change, 1 left; fixed.pt is not written: 1 place cannot be repaired automatically\n");
}

TEST(RepairTerminalTest, IsShortWhereNothingWasToDo) {
  RepairReport report{"0.1.0", "2.15.0", {}};
  report.result.archive = report.result.target = "m.pt";
  report.result.home = "cpu";
  report.result.written = true;
  EXPECT_EQ(terminal(report),
            "CrossTrace 0.1.0, LibTorch 2.15.0: m.pt, made on cpu\n\n"
            "0 changes, 0 left; m.pt is written\n");
}

TEST(RepairTerminalTest, ColoursTheSameText) {
  auto text = terminal(sample_repair(), Colors::kOn);
  EXPECT_THAT(text, HasSubstr("\033[32mchanged:\033[0m model.py:14"));
  EXPECT_THAT(text, HasSubstr("\033[1;31mleft:\033[0m attribute"));
  EXPECT_THAT(terminal(sample_repair()), Not(HasSubstr("\033")));
}

TEST(RepairJsonTest, HoldsAllThatBecameOfIt) {
  const auto json = nlohmann::ordered_json::parse(to_json(sample_repair()));
  std::string keys;
  for (const auto& [key, value] : json.items()) keys += key + " ";
  EXPECT_EQ(keys,
            "schema_version tool_version libtorch_version archive target home stands_in written "
            "why_not steps "
            "left findings proof ");
  EXPECT_EQ(
      json["steps"][0].dump(),
      R"({"method":"forward","operator":"aten::arange","attribute":"","module_path":"",)"
      R"("source":{"file":"model.py","line":14},"text":"its device is that of x","advice":"",)"
      R"("findings":["device-literal-1","device-literal-2"]})");
  EXPECT_EQ(json["left"][0]["attribute"], "encoder.cache");
  EXPECT_TRUE(json["left"][0]["source"].is_null());
  EXPECT_EQ(json["findings"].size(), 4U);
  EXPECT_EQ(json["proof"]["calls_at_home"], 3);
  EXPECT_EQ(json["proof"]["cells"][1]["verdict"], "error");
}

TEST(RepairJsonTest, HasNoProofWhereThereWasNone) {
  const auto json = nlohmann::json::parse(to_json(make_repair_report({})));
  EXPECT_TRUE(json["proof"].is_null());
}

TEST(RepairReportTest, ExitsWith0OnlyIfAllIsRepaired) {
  RepairResult result;
  EXPECT_EQ(exit_code(make_repair_report(result)), 1);
  result.written = true;
  EXPECT_EQ(exit_code(make_repair_report(result)), 0);
  result.left.emplace_back();
  EXPECT_EQ(exit_code(make_repair_report(result)), 1);
}

}  // namespace
}  // namespace crosstrace
