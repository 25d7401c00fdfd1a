// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Archives that were made on a GPU, where there is none.

#include <ATen/ATen.h>
#include <crosstrace/devices/discovery.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/module.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "unit/archive/made_on.h"
#include "unit/cli/check_archives.h"

namespace crosstrace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// An archive that was made on cuda:0.
class CheckMadeOnCuda : public Check {
 protected:
  std::string archive_of_cuda(const std::string& body) {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::arange(1, 4).to(at::kFloat), false);
    module.define("def forward(self, x: Tensor):\n    " + body + "\n");
    save_as_made_on(module, path(), {{"cpu", "cuda:0"}});
    return "'" + path() + "' --input 'float32[2,3]' ";
  }

  const std::string factory_ = "return x * self.weight + torch.ones(3, device='cuda:0')";
};

TEST_F(CheckMadeOnCuda, RunsOnItsStandInAndSaysSo) {
  const std::string command = "check " + archive_of_cuda(factory_) + "--devices cpu,sim:0 ";
  const auto result = crosstrace(command);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("\n  cuda:0  absent, sim:0 standing in: "),
                    HasSubstr("archive of cuda:0"), HasSubstr(" cuda:0, sim:0 standing in.\n"),
                    HasSubstr("3 passed, 2 failed, 0 skipped, 0 untrusted")));
  for (const char* isolate : {"", " --isolate"}) {
    const auto report = nlohmann::json::parse(
        crosstrace(command + "--json - --junit '" + beside("r.xml") + "'" + isolate).output);
    const auto& devices = report.at("devices");
    ASSERT_EQ(devices.size(), 3U);
    EXPECT_TRUE(devices[1].at("stands_in").is_null());
    EXPECT_EQ(devices[2].at("name"), "cuda:0");
    EXPECT_EQ(devices[2].at("stands_in"), "sim:0");
    for (const auto& cell : report.at("cells")) {
      EXPECT_EQ(cell.at("trace_device"), "cuda:0");
      EXPECT_EQ(cell.at("verdict"), cell.at("run_device") == "sim:0" ? "match" : "error")
          << cell.dump();
    }
    std::ifstream file(beside("r.xml"));
    const std::string junit{std::istreambuf_iterator<char>(file), {}};
    EXPECT_THAT(junit, HasSubstr("cuda:0, sim:0 standing in"));
  }
}

TEST_F(CheckMadeOnCuda, NamesTheCauseByTheDeviceThatTheArchiveNames) {
  const auto report = nlohmann::json::parse(
      crosstrace("check " + archive_of_cuda(factory_) + "--devices cpu --transfer to --json -")
          .output);
  ASSERT_EQ(report.at("cells").size(), 1U);
  ASSERT_FALSE(report.at("cells")[0].at("causes").empty());
  EXPECT_THAT(report.at("findings")[0].at("message").get<std::string>(), HasSubstr("cuda:0"));
}

TEST_F(CheckMadeOnCuda, NeedsNoStandInInItsList) {
  const auto result =
      crosstrace("check " + archive_of_cuda("return x * self.weight") + "--devices cpu");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("cuda:0, sim:0 standing in."));
}

TEST_F(CheckMadeOnCuda, FailsWithoutOneWhereNothingMayStandIn) {
  const auto result = crosstrace("check " + archive_of_cuda(factory_) +
                                 "--devices cpu,sim:0 --stand-in never --json -");
  const auto report = nlohmann::json::parse(result.output);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(report.at("devices").size(), 2U);
  for (const auto& cell : report.at("cells")) EXPECT_EQ(cell.at("verdict"), "error");
  EXPECT_EQ(crosstrace("check " + archive_of_cuda(factory_) + "--stand-in maybe 2>&1").exit_code,
            2);
}

TEST_F(CheckMadeOnCuda, SaysWhatCannotBeStoodInFor) {
  const std::string body = "return x * self.weight * 2 if x.is_cuda else x * self.weight";
  EXPECT_THAT(crosstrace("check " + archive_of_cuda(body) + "--devices cpu,sim:0").output,
              HasSubstr("; the program asks is_cuda, which is false on sim:0: for that nothing can "
                        "stand in\n"));
}

TEST_F(CheckMadeOnCuda, MayHaveStoragesOnTwoDevices) {
  torch::jit::Module module("M");
  module.register_parameter("weight", at::ones({3}).to(to_device("sim:0")), false);
  module.register_attribute("table", c10::TensorType::get(), at::ones({3}));
  module.define("def forward(self, x: Tensor):\n    return x * self.weight + self.table\n");
  save_as_made_on(module, path(), {{"sim:0", "cuda:0"}});
  const std::string calls = "'" + path() + "' --input 'float32[2,3]' --devices cpu,sim:0 ";
  const std::string fixed = "-o '" + beside("fixed.pt") + "' ";
  EXPECT_THAT(crosstrace("repair " + calls + fixed + "--stand-in never").output,
              HasSubstr(" is not written: the archive was made on cuda:0, and whether it still "
                        "answers as before can only be seen there: cuda:0 is absent: "));
  const auto report =
      nlohmann::json::parse(crosstrace("check " + calls + "--stand-in never --json -").output);
  EXPECT_EQ(report.at("summary").at("failed"), 2);
  for (const auto& cell : report.at("cells")) {
    if (cell.at("transfer") != "to") continue;
    EXPECT_EQ(cell.at("message"), "the transfer failed: aten::empty_strided on cuda: no CUDA here");
    EXPECT_THAT(cell.at("causes").dump(), HasSubstr("storage-location"));
  }
  EXPECT_THAT(crosstrace("repair " + calls + fixed).output, HasSubstr(" is not written: "));
}

// Its literals say cuda:0, where it does not answer; its storages say cpu, where it does.
TEST_F(CheckMadeOnCuda, IsAtHomeWhereItAnswers) {
  const std::string command =
      "check " + archive("return x * self.weight.cpu() + torch.ones(3, device='cuda:0').cpu()") +
      " --input 'float32[2,3]' --devices cpu --transfer load --json -";
  for (const char* isolate : {"", " --isolate"}) {
    const auto report = nlohmann::json::parse(crosstrace(command + isolate).output);
    EXPECT_EQ(report.at("cells")[0].at("trace_device"), "cpu");
    EXPECT_EQ(report.at("cells")[0].at("verdict"), "match");
  }
}

}  // namespace
}  // namespace crosstrace
