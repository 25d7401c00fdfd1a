// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// A CUDA device that is lost: one test fails, its later ones skip, all others pass.

#include <crosstrace/devices/discovery.h>
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "unit/process.h"
#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::HasSubstr;

/// Outcomes of tests by name.
using Outcomes = std::map<std::string, std::string>;

struct LosingRun {
  Outcomes outcomes;
  ProcessResult process;
};

LosingRun run(const std::string& culprit, const std::string& devices,
              const std::string& arguments = "") {
  const TemporaryFile file("tests.json");
  LosingRun run;
  run.process = run_process(
      "CROSSTRACE_DEVICES=" + devices + " '" CROSSTRACE_LOSING_MODELS "' --gtest_filter='*Good*:*" +
      culprit + "*:Own.*' --gtest_output='json:" + file.path() + "' " + arguments + " 2>&1");
  std::ifstream stream(file.path());
  const auto report = nlohmann::json::parse(stream);
  for (const auto& suite : report.at("testsuites")) {
    for (const auto& test : suite.at("testsuite")) {
      run.outcomes[test.at("name")] = test.contains("failures")        ? "failed"
                                      : test.at("result") == "SKIPPED" ? "skipped"
                                                                       : "passed";
    }
  }
  return run;
}

class LostCudaDevice : public ::testing::TestWithParam<const char*> {
 protected:
  static bool has_cuda() {
    return run_process("'" CROSSTRACE_LOSING_MODELS
                       "' --gtest_filter='*AGood__trace_cuda0__as_traced__cuda0' >/dev/null 2>&1")
               .exit_code == 0;
  }

  void SetUp() override {
    static const bool here = has_cuda();  // In a process of its own: this one stays without CUDA.
    if (!here) GTEST_SKIP() << "there is no CUDA device that could be lost";
  }

  void expect_one_culprit(const LosingRun& run) {
    std::size_t failed = 0, skipped = 0;
    for (const auto& [name, outcome] : run.outcomes) {
      failed += outcome == "failed";
      skipped += outcome == "skipped";
      if (outcome == "failed") {
        EXPECT_THAT(name, ::testing::AllOf(HasSubstr(GetParam()), HasSubstr("cuda0")))
            << run.process.output;
      }
    }
    EXPECT_EQ(failed, 1U) << run.process.output;
    EXPECT_GT(skipped, 0U);
    EXPECT_THAT(run.process.output, HasSubstr("lost in " + std::string(GetParam())));
    EXPECT_EQ(run.process.exit_code, 1);
  }
};

TEST_P(LostCudaDevice, FailsOneTest) { expect_one_culprit(run(GetParam(), "cpu,cuda:0,sim:0")); }

TEST_P(LostCudaDevice, FailsOneTestWithoutTheSimulatedDevice) {
  expect_one_culprit(run(GetParam(), "cpu,cuda:0"));
}

TEST_P(LostCudaDevice, FailsOneTestInAnyOrder) {
  for (const char* seed : {"1", "2"}) {
    expect_one_culprit(run(GetParam(), "cpu,cuda:0,sim:0",
                           std::string("--gtest_shuffle --gtest_random_seed=") + seed));
  }
}

INSTANTIATE_TEST_SUITE_P(Culprits, LostCudaDevice,
                         ::testing::Values("BAsserts", "BReadsFarAway", "BWritesFarAway",
                                           "BDiesInTrace"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace crosstrace
