// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <unit/cli/command.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace crosstrace {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// A folder with a report of an archive that matches everywhere, and of one that does not.
class ReportCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "reports");
    check("sound", "x * self.w");
    check("baked", "x * self.w + torch.arange(3, device=torch.device('cpu'))");
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }

  std::string text_of(const std::string& name) const {
    std::ifstream stream(at(name));
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  void check(const std::string& name, const std::string& result) {
    torch::jit::Module module("M");
    module.register_parameter("w", at::arange(1, 4, at::kFloat), /*is_buffer=*/false);
    module.define("def forward(self, x: Tensor):\n    return " + result + "\n");
    module.save(at(name + ".pt"));
    crosstrace("check '" + at(name + ".pt") +
               "' --input 'float32[2,3]' --devices cpu,sim:0 --json '" +
               at("reports/" + name + ".json") + "' 2>&1");
  }

  fs::path folder_ = fs::path(::testing::TempDir()) / ("reports." + std::to_string(getpid()));
};

TEST_F(ReportCommand, MergesAFolderIntoEveryFormat) {
  const auto result = crosstrace("report merge '" + at("all.json") + "' '" + at("reports") +
                                 "' --html '" + at("all.html") + "' --junit '" + at("all.xml") +
                                 "' --sarif '" + at("all.sarif") + "' 2>&1");
  EXPECT_EQ(result.exit_code, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("8 passed, 2 failed, 0 skipped, 0 untrusted"));
  for (const std::string name : {"all.json", "all.html", "all.xml", "all.sarif"}) {
    EXPECT_THAT(text_of(name), HasSubstr("baked")) << name;
  }
  EXPECT_THAT(text_of("all.xml"), HasSubstr("tests=\"10\" failures=\"2\""));
}

TEST_F(ReportCommand, EndsWithZeroIfAllMatch) {
  const auto result = crosstrace("report merge - '" + at("reports/sound.json") + "'");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("\"passed\": 5"));
}

TEST_F(ReportCommand, AddsToTheStepSummaryAndPrintsAnnotations) {
  std::ofstream(at("summary.md")) << "of a step before\n";
  setenv("GITHUB_STEP_SUMMARY", at("summary.md").c_str(), 1);
  const auto result =
      crosstrace("report merge '" + at("all.json") + "' '" + at("reports") + "' --github");
  unsetenv("GITHUB_STEP_SUMMARY");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("\n::error title="));
  EXPECT_THAT(text_of("summary.md"),
              HasSubstr("of a step before\n<div><div><b>CrossTrace: 8 passed, 2 failed"));
}

TEST_F(ReportCommand, RefusesWhatIsNoReport) {
  std::ofstream(at("reports/x.json")) << "{}";
  EXPECT_THAT(crosstrace("report merge - '" + at("reports") + "' 2>&1").output,
              HasSubstr("x.json: this is not a report of crosstrace check: "));
  fs::create_directory(at("empty"));
  expect_usage_error("report merge - '" + at("empty") + "'",
                     at("empty") + " holds no report: no *.json is in it");
  expect_usage_error("report gate '" + at("gone.json") + "' '" + at("reports/sound.json") + "'",
                     "cannot read " + at("gone.json"));
  expect_usage_error("report gate '" + at("reports") + "' '" + at("reports/sound.json") + "'",
                     at("reports") + " is a folder, no report: report merge makes one of it");
  expect_usage_error(
      "report merge '" + at("all.json") + "' '" + at("reports/sound.json") + "' --github",
      "--github: GITHUB_STEP_SUMMARY names no file; GitHub Actions sets it");
}

TEST_F(ReportCommand, HoldsReportsAgainstALedger) {
  const std::string sound = "'" + at("reports/sound.json") + "'";
  ASSERT_EQ(
      crosstrace("report merge '" + at("ledger.json") + "' '" + at("reports") + "'").exit_code, 1);
  const std::string ledger = "'" + at("ledger.json") + "'";
  auto result = crosstrace("report gate " + ledger + " '" + at("reports") + "'");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(result.output, "all that " + at("ledger.json") + " has is there\n");
  result = crosstrace("report gate " + ledger + " " + sound);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("gone: baked: archive of cpu, to, run on sim:0\n"));
}

}  // namespace
}  // namespace crosstrace
