// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// `crosstrace inspect` as its users run it.

#include <ATen/ATen.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "unit/cli/command.h"
#include "unit/cli/operator_archive.h"
#include "unit/cli/report_cells.h"
#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Inspect : public ::testing::Test {
 protected:
  /// Saves a module with this forward body and returns its quoted path.
  std::string archive(const std::string& body) {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::arange(1, 4).to(at::kFloat), false);
    module.define("def forward(self, x: Tensor):\n    " + body + "\n");
    module.save(path());
    return "'" + path() + "'";
  }

  std::string baked() { return archive("return x + torch.arange(3, device='cpu')"); }

  std::string path() const { return file_.path(); }
  std::string beside(const std::string& name) const { return (file_.folder() / name).string(); }

  TemporaryFile file_{"model.pt"};
};

TEST_F(Inspect, ExitsWith0WhereNothingIsFound) {
  const auto result = crosstrace("inspect " + archive("return x * self.weight"));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, AllOf(HasSubstr(": " + path() + "\n\n1 operator\n"),
                                   EndsWith("\n0 errors, 0 warnings, 0 notes\n")));
}

TEST_F(Inspect, NamesWhatWillFail) {
  const auto result = crosstrace("inspect " + baked());
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("error: device-literal "), HasSubstr("aten::arange in forward "),
                    HasSubstr("[device-literal-1]\n"), HasSubstr("\n1 error, 0 warnings, ")));
}

TEST_F(Inspect, FailsOnTheLevelThatIsAsked) {
  const std::string error = "inspect " + baked() + " --fail-on ";
  EXPECT_EQ(crosstrace(error + "note").exit_code, 1);
  EXPECT_EQ(crosstrace(error + "error").exit_code, 1);
  EXPECT_EQ(crosstrace(error + "never").exit_code, 0);
  EXPECT_EQ(crosstrace("inspect no_such.pt --fail-on never 2>&1").exit_code, 2);
  const std::string warning = "inspect " + archive("return x + torch.rand_like(x)") + " --fail-on ";
  EXPECT_EQ(crosstrace(warning + "warning").exit_code, 1);
  EXPECT_EQ(crosstrace(warning + "error").exit_code, 0);
  EXPECT_EQ(crosstrace(error + "fatal 2>&1").exit_code, 2);
}

TEST_F(Inspect, KeepsStandardOutputPureJson) {
  const auto result = crosstrace("inspect " + baked() + " --json -");
  EXPECT_EQ(result.exit_code, 1);
  const auto json = nlohmann::json::parse(result.output);
  EXPECT_EQ(json.at("schema_version"), 1);
  EXPECT_EQ(json.at("archive"), path());
  EXPECT_EQ(json.at("findings").at(0).at("rule"), "device-literal");
  EXPECT_EQ(json.at("findings").at(0).at("severity"), "error");
  const auto& use = json.at("operators").at(0);
  EXPECT_EQ(use.at("name"), "aten::add.Tensor");
  EXPECT_EQ(use.at("count"), 1);
  EXPECT_EQ(use.at("kernels").dump(), R"({"cpu":true,"cuda":true})");
}

TEST_F(Inspect, WritesEveryReport) {
  const auto result = crosstrace("inspect " + baked() + " --json '" + beside("r.json") +
                                 "' --sarif '" + beside("r.sarif") + "'");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, StartsWith("CrossTrace "));
  EXPECT_EQ(nlohmann::json::parse(read(beside("r.json"))).at("findings").size(), 1U);
  const auto run = nlohmann::json::parse(read(beside("r.sarif"))).at("runs").at(0);
  EXPECT_EQ(run.at("results").at(0).at("ruleId"), "device-literal");
}

// Code scanning shows the words of every rule; an empty one makes it refuse the file.
TEST_F(Inspect, DescribesEveryRuleInSarif) {
  crosstrace("inspect " + baked() + " --sarif '" + beside("r.sarif") + "'");
  const auto run = nlohmann::json::parse(read(beside("r.sarif"))).at("runs").at(0);
  const auto& rules = run.at("tool").at("driver").at("rules");
  EXPECT_GE(rules.size(), 12U);
  for (const auto& rule : rules) {
    EXPECT_NE(rule.at("shortDescription").at("text"), "") << rule.at("id");
    EXPECT_NE(rule.at("help").at("text"), "") << rule.at("id");
  }
}

TEST_F(Inspect, RefusesFilesThatAreNoArchives) {
  expect_usage_error("inspect no_such.pt",
                     "cannot read archive no_such.pt: No such file or directory");
  std::ofstream(path()) << "garbage";
  expect_usage_error("inspect '" + path() + "'",
                     "cannot read archive " + path() +
                         ": it is no zip archive, or it is cut short; expected a file that "
                         "torch.jit.save wrote");
}

TEST_F(Inspect, RefusesWhatItCannotWrite) {
  const std::string command = "inspect " + baked();
  for (const char* option : {"--json", "--sarif"}) {
    EXPECT_EQ(crosstrace(command + " " + option + " no/such/file 2>&1 >/dev/null").output,
              "crosstrace: cannot write no/such/file: No such file or directory\n");
  }
  EXPECT_EQ(crosstrace(command + " --json - 2>&1 >/dev/full").output,
            "crosstrace: cannot write to standard output\n");
}

TEST_F(Inspect, RefusesAWrongCommandLine) {
  EXPECT_EQ(crosstrace("inspect 2>&1").output,
            "crosstrace: MODEL is required; see crosstrace --help\n");
  EXPECT_EQ(crosstrace("inspect a.pt b.pt 2>&1").exit_code, 2);
  expect_usage_error("inspect a.pt --op-library no_such.so",
                     "--op-library no_such.so: no_such.so: cannot open shared object file: No such "
                     "file or directory");
}

TEST_F(Inspect, NamesAnUnknownOperatorAndLoadsItsLibrary) {
  ASSERT_NE(dlopen(CROSSTRACE_TEST_OPS, RTLD_NOW), nullptr) << dlerror();
  save_call_of("twice", path());
  const std::string command = "inspect '" + path() + "' --json -";
  expect_usage_error(command, "cannot load " + path() +
                                  ": operator crosstrace_test::twice is unknown; name the library "
                                  "that registers 'crosstrace_test' with --op-library");
  const auto result = crosstrace(command + " --op-library '" CROSSTRACE_TEST_OPS "'");
  const auto use = nlohmann::json::parse(result.output).at("operators").at(0);
  EXPECT_EQ(use.at("name"), "crosstrace_test::twice");
  EXPECT_EQ(use.at("kernels").at("cpu"), true);
}

TEST_F(Inspect, NamesTheLibraryOfAClassAndWhatItHides) {
  ASSERT_NE(dlopen(CROSSTRACE_TEST_OPS, RTLD_NOW), nullptr) << dlerror();
  save_object(path());
  const std::string library = " --op-library '" CROSSTRACE_TEST_OPS "'";
  expect_usage_error("inspect '" + path() + "'",
                     "cannot load " + path() +
                         ": class crosstrace_test.Offset is unknown; name the library that "
                         "registers 'crosstrace_test' with --op-library");
  const auto inspected = crosstrace("inspect '" + path() + "'" + library);
  EXPECT_EQ(inspected.exit_code, 0) << inspected.output;
  EXPECT_THAT(inspected.output, HasSubstr("The attribute offset holds an object of the C++ class "
                                          "crosstrace_test.Offset, which cannot be looked into"));
  const auto checked = crosstrace(
      "check '" + path() + "' --input 'float32[2,3]' --devices cpu,sim:0" + library + " --json -");
  EXPECT_EQ(checked.exit_code, 1);
  const auto cells = cells_of(checked);
  EXPECT_EQ(cells.size(), 5);
  for (const auto& cell : cells) {
    const bool stays = cell.at("transfer") == "to" && cell.at("run_device") == "sim:0";
    EXPECT_EQ(cell.at("verdict"), stays ? "error" : "match") << cell.dump();
    EXPECT_EQ(cell.at("causes").size(), stays ? 1 : 0) << cell.dump();
  }
}

}  // namespace
}  // namespace crosstrace
