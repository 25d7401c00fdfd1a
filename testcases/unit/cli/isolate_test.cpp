// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// The processes that cells run in.

#include <dlfcn.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "unit/cli/check_archives.h"

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Isolate : public Check {
 protected:
  void SetUp() override { ASSERT_NE(dlopen(CROSSTRACE_TEST_OPS, RTLD_NOW), nullptr) << dlerror(); }

  std::string check(const std::string& options) {
    return "check '" + path() +
           "' --input 'float32[2,3]' --op-library '" CROSSTRACE_TEST_OPS "' --json - " + options;
  }

  /// The processes that called the model, by what it writes.
  std::set<std::string> processes(const std::string& options) {
    const auto result = crosstrace(check(options) + " 2>&1 >/dev/null");
    std::set<std::string> ids;
    std::istringstream lines(result.output);
    for (std::string word, id; lines >> word;) {
      if (word == "process" && lines >> id) ids.insert(id);
    }
    return ids;
  }
};

TEST_F(Isolate, KeepsAProcessForAllCellsOrTakesOneForEach) {
  archive_of_operator("say_process");
  const std::string devices = "--devices cpu,sim:0 --transfer to,load ";
  EXPECT_EQ(processes(devices).size(), 1U);
  EXPECT_EQ(processes(devices + "--isolate").size(), 1U);
  EXPECT_EQ(processes(devices + "--isolate=cell").size(), 4U);
}

TEST_F(Isolate, TakesAnotherProcessAfterEachThatACellKilled) {
  archive_of_operator("die_on_sim");
  const std::string devices = "--devices sim:0,cpu,sim:1 --transfer to,load ";
  for (const char* isolate : {"", "--isolate", "--isolate=cell"}) {
    const auto report =
        nlohmann::json::parse(crosstrace(check(devices + isolate) + " 2>/dev/null").output);
    EXPECT_EQ(report.at("summary").at("passed"), 2);
    EXPECT_EQ(report.at("summary").at("failed"), 4);
    EXPECT_EQ(report.at("devices").size(), 3U);
    for (const auto& device : report.at("devices")) EXPECT_EQ(device.at("state"), "available");
  }
}

/// Without what differs from run to run.
nlohmann::json reports(const std::string& text) {
  auto report = nlohmann::json::parse(text);
  for (auto& cell : report.at("cells")) {
    cell.erase("duration_ms");
    cell.erase("repeat");
  }
  return report;
}

TEST_F(Isolate, ChangesNothingInTheReports) {
  archive("return x + torch.arange(3, device='cpu')");
  const std::string command = check("--devices cpu,sim:0,xpu:0 ");
  const auto plain = reports(crosstrace(command).output);
  EXPECT_EQ(plain.at("cells").size(), 7U);
  EXPECT_FALSE(plain.at("findings").empty());
  EXPECT_EQ(reports(crosstrace(command + "--isolate").output), plain);
  EXPECT_EQ(reports(crosstrace(command + "--isolate=cell").output), plain);
}

TEST_F(Isolate, TakesADeviceUpAgainThatACellHasLost) {
  archive_of_operator("lose_sim");
  const std::string command = check("--devices sim:0,cpu,sim:1 --transfer to,load ");
  const auto verdicts = [&](const std::string& options) {
    std::vector<std::string> verdicts;
    const auto report = nlohmann::json::parse(crosstrace(command + options).output);
    for (const auto& cell : report.at("cells")) verdicts.push_back(cell.at("verdict"));
    return verdicts;
  };
  EXPECT_THAT(verdicts(""), ElementsAre("error", "skipped", "match", "match", "match", "match"));
  EXPECT_THAT(verdicts("--isolate"),
              ElementsAre("error", "error", "match", "match", "match", "match"));
  EXPECT_EQ(verdicts("--isolate=cell"), verdicts("--isolate"));
}

TEST_F(Isolate, LooksAtFileAndDevicesThoughTheLastCellKilledItsProcess) {
  archive_of_operator("kill");
  const auto report = nlohmann::json::parse(
      crosstrace(check("--devices cpu,sim:0 --transfer to") + " 2>/dev/null").output);
  EXPECT_EQ(report.at("cells").at(1).at("verdict"), "crashed");
  EXPECT_EQ(report.at("devices").at(1).at("state"), "available");
  EXPECT_EQ(report.at("devices").at(1).at("simulated"), true);
}

TEST_F(Isolate, LosesNothingThatModelsPrint) {
  const std::string command = "check " + archive("print('hello')\n    return x * self.weight") +
                              " --input 'float32[2,3]' --devices cpu --transfer to --runs 1 ";
  for (const char* isolate : {"", "--isolate", "--isolate=cell"}) {
    EXPECT_THAT(crosstrace(command + isolate).output, HasSubstr("hello\n")) << isolate;
  }
}

TEST_F(Isolate, IsInTheLineThatRepeatsACell) {
  archive("return x");
  const auto repeat = [&](const std::string& options) {
    return nlohmann::json::parse(crosstrace(check("--devices cpu " + options)).output)
        .at("cells")[0]
        .at("repeat")
        .get<std::string>();
  };
  EXPECT_THAT(repeat("--isolate --timeout 7"), HasSubstr(" --isolate --timeout 7 "));
  EXPECT_THAT(repeat("--isolate=cell"), HasSubstr(" --isolate=cell "));
}

TEST_F(Isolate, RefusesWhatMakesNoSense) {
  archive("return x");
  expect_usage_error(check("--isolate=model"),
                     "--isolate: 'model' is neither left out nor cell; see crosstrace --help");
  expect_usage_error(check("--timeout 3"), "--timeout requires --isolate; see crosstrace --help");
}

// Such as one that has to run in the process that reads the file.
TEST_F(Isolate, LetsNoCommandEndWellThatAModelEnded) {
  archive_of_operator("underscore_exit");
  expect_usage_error(
      check("--devices sim:0 --op-library '" CROSSTRACE_THREADED_OPS "'"),
      path() +
          ": the process that read it ended before its work was done; what it calls has ended it");
}

TEST_F(Isolate, ForksNothingOnceThereAreThreads) {
  archive("return x * 2");
  const std::string command =
      check("--devices cpu,sim:0 --op-library '" CROSSTRACE_THREADED_OPS "' ");
  const auto result = crosstrace(command);
  EXPECT_EQ(nlohmann::json::parse(result.output).at("summary").at("passed"), 5);
  expect_usage_error(command + "--isolate",
                     "no process can be started for cells: 2 threads run in this one; an operator "
                     "library may have started them");
}

}  // namespace
}  // namespace crosstrace
