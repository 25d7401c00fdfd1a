// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Archives that a stranger sent, through the command as its users run it. They lie in strangers/.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "unit/cli/command.h"
#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string stranger(const std::string& name) { return CROSSTRACE_STRANGERS "/" + name; }

/// Runs the command in a folder of its own, where what a model writes would lie.
class Strangers : public ::testing::Test {
 protected:
  ProcessResult run(const std::string& arguments) const {
    return run_process("cd '" + folder_.folder().string() +
                       "' && unset CROSSTRACE_DEVICES CROSSTRACE_REQUIRE_DEVICES; "
                       "'" CROSSTRACE_COMMAND "' " +
                       arguments);
  }

  nlohmann::json json_of(const std::string& arguments) const {
    return nlohmann::json::parse(run(arguments + " --json - 2>/dev/null").output);
  }

  bool is_there(const std::string& name) const {
    return std::filesystem::exists(folder_.folder() / name);
  }

  /// One line on standard error, exit 2, and nothing was run.
  void expect_distrust(const std::string& arguments, const std::string& line) const {
    const ProcessResult result = run(arguments + " 2>&1");
    EXPECT_EQ(result.exit_code, 2) << result.output;
    EXPECT_EQ(result.output, "crosstrace: " + line + "\n");
    EXPECT_FALSE(is_there("written_by_a_model.pt"));
  }

  TemporaryFile folder_{"unused"};
};

/// Of the rule; null if there is none.
nlohmann::json finding_of(const nlohmann::json& findings, const std::string& rule) {
  for (const auto& finding : findings) {
    if (finding.at("rule") == rule) return finding;
  }
  return nullptr;
}

TEST_F(Strangers, AreInspectedWithoutRunningWhatTheyDoWhenLoaded) {
  const ProcessResult prints = run("inspect " + stranger("prints.pt") + " 2>&1");
  EXPECT_EQ(prints.exit_code, 1) << prints.output;
  EXPECT_THAT(prints.output, AllOf(Not(HasSubstr("RUNS")), HasSubstr("stranded-attribute")));
  const auto writes = json_of("inspect " + stranger("writes.pt"));
  EXPECT_FALSE(is_there("written_by_a_model.pt"));
  const auto finding = finding_of(writes.at("findings"), "unsafe-operator");
  EXPECT_EQ(finding.at("severity"), "warning");
  EXPECT_EQ(finding.at("operator"), "aten::save");
  EXPECT_EQ(finding.at("method"), "__setstate__");
  EXPECT_EQ(finding.at("source").at("line"), 51);
}

TEST_F(Strangers, AreRunOnlyByThoseWhoTrustThem) {
  const std::string why =
      stranger("writes.pt") +
      ": aten::save reads or writes a file (export_strangers.py:51); "
      "look at it with crosstrace inspect, which runs nothing, and give --trust to run it";
  const std::string input = " --input 'float32[2]' --devices cpu";
  expect_distrust("check " + stranger("writes.pt") + input, why);
  expect_distrust("repair " + stranger("writes.pt") + input + " -o fixed.pt", why);
  EXPECT_FALSE(is_there("fixed.pt"));
  EXPECT_EQ(run("check " + stranger("writes.pt") + input + " --trust").exit_code, 0);
  EXPECT_TRUE(is_there("written_by_a_model.pt"));
}

TEST_F(Strangers, ReachBeyondTheirTensorsOnlyWhereTheGraphComputesTheOffset) {
  const auto findings = json_of("inspect " + stranger("strided.pt")).at("findings");
  const auto finding = finding_of(findings, "unsafe-operator");
  EXPECT_EQ(finding.at("operator"), "aten::as_strided");
  EXPECT_EQ(finding.at("method"), "forward");  // And not in `fixed`.
  EXPECT_EQ(finding.at("id"), "unsafe-operator-1");
}

// A factory without a device needs the CPU's kernel, which aten::from_file has.
TEST_F(Strangers, AreNotSaidToLackAKernelThatTheyDoNotNeed) {
  const auto findings = json_of("inspect " + stranger("reads_file.pt")).at("findings");
  EXPECT_EQ(finding_of(findings, "missing-kernel"), nullptr);
  EXPECT_EQ(finding_of(findings, "implicit-cpu").at("repair"), "manual");
  EXPECT_EQ(finding_of(findings, "unsafe-operator").at("operator"), "aten::from_file");
}

TEST_F(Strangers, HavePackedWeightsThatNoCommandDiesOf) {
  for (const char* name : {"frozen_convolution.pt", "packed_convolution.pt"}) {
    const std::string archive = stranger(name);
    EXPECT_LE(run("inspect " + archive).exit_code, 1) << name;
    const auto report = json_of("check " + archive + " --input 'float32[1,3,8,8]' --devices cpu");
    EXPECT_EQ(report.at("summary").at("passed"), 3) << name << '\n' << report.dump(1);
    EXPECT_EQ(report.at("cells").at(0).at("trace_device"), "cpu") << name;
    const auto repaired =
        run("repair " + archive + " -o fixed.pt --input 'float32[1,3,8,8]' --devices cpu");
    EXPECT_EQ(repaired.exit_code, 1) << name;  // CUDA has no kernel for it.
    EXPECT_THAT(repaired.output, HasSubstr("fixed.pt is not written: "));
  }
}

// The simulated device has no kernel of it, which is no constant's fault.
TEST_F(Strangers, AccuseNoConstantOfAMissingKernel) {
  const auto report = json_of("check " + stranger("dynamic_linear.pt") +
                              " --input 'float32[2,4]' --devices cpu,sim:0 --transfer to");
  const auto& cell = report.at("cells").at(1);
  EXPECT_EQ(cell.at("verdict"), "error");
  EXPECT_THAT(cell.at("causes").dump(),
              AllOf(HasSubstr("missing-kernel"), Not(HasSubstr("tensor-constant"))));
}

TEST_F(Strangers, NameAMayThatCameTrue) {
  const auto report =
      json_of("check " + stranger("may_fail.pt") +
              " --input 'float32[3]' --input true --devices cpu,sim:0 --transfer to");
  const auto& cell = report.at("cells").at(1);
  EXPECT_EQ(cell.at("verdict"), "error");
  ASSERT_EQ(cell.at("causes").size(), 1U) << cell.dump(1);
  const auto& cause = cell.at("causes").at(0);
  for (const auto& finding : report.at("findings")) {
    EXPECT_EQ(finding.at("operator") == "aten::eye", finding.at("id") == cause) << finding;
  }
}

TEST_F(Strangers, DrawNothingWithoutDropout) {
  const auto findings = json_of("inspect " + stranger("gru.pt")).at("findings");
  EXPECT_EQ(finding_of(findings, "random"), nullptr);
}

TEST_F(Strangers, GiveTheSameFindingsToInspectAndRepair) {
  const auto ids = [](const nlohmann::json& findings) {
    std::string text;
    for (const auto& finding : findings) {
      text += finding.at("id").get<std::string>() + ": " +
              finding.at("message").get<std::string>() + "\n";
    }
    return text;
  };
  const std::string archive = stranger("frozen_linear.pt");
  const auto inspected = json_of("inspect " + archive);
  const auto repaired =
      json_of("repair " + archive + " -o fixed.pt --input 'float32[2,4]' --devices cpu,sim:0");
  EXPECT_EQ(ids(repaired.at("findings")), ids(inspected.at("findings")));
  for (const auto& change : repaired.at("steps")) {
    // `the constant, Float [5, 4], is the buffer constant`
    const auto text = change.at("text").get<std::string>();
    const std::string shape = text.substr(text.find('['), text.find(']') + 1 - text.find('['));
    const std::string id = change.at("findings").at(0);
    for (const auto& finding : inspected.at("findings")) {
      if (finding.at("id") != id) continue;
      EXPECT_THAT(finding.at("message").get<std::string>(), HasSubstr("shape " + shape + " as"));
    }
  }
}

}  // namespace
}  // namespace crosstrace
