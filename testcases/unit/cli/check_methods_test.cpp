// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Methods that are called, and what scripts raise in them.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/serialize.h>

#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "unit/cli/check_archives.h"
#include "unit/raise_as.h"

namespace crosstrace {
namespace {

using ::testing::HasSubstr;

/// encode is tied to the CPU, forward is not, and `decode` has a default.
constexpr const char* kMethods = R"(
def encode(self, x: Tensor, offset: int):
    return x * self.weight + torch.arange(3) + offset
def decode(self, x: Tensor, scale: float = 2.0):
    return x * self.weight * scale
)";

TEST_F(Check, CallsTheMethodsThatAreGivenInputs) {
  const std::string model = archive_of_methods(kMethods);
  const auto result = crosstrace("check " + model +
                                 " --devices cpu,sim:0 --json - --input 'decode:float32[2,3]' "
                                 "--input 'encode:float32[2,3]' --input encode:1");
  EXPECT_EQ(result.exit_code, 1);
  std::map<std::string, std::pair<int, int>> counts;
  const auto report = nlohmann::json::parse(result.output);
  for (const auto& cell : report.at("cells")) {
    auto& [matches, all] = counts[cell.at("method")];
    matches += cell.at("verdict") == "match";
    ++all;
  }
  EXPECT_EQ(counts["encode"], std::pair(3, 5));
  EXPECT_EQ(counts["decode"], std::pair(5, 5));
  const auto text = crosstrace("check " + model +
                               " --devices cpu,sim:0 --isolate --input "
                               "'decode:float32[2,3]' --input decode:0.5 --junit '" +
                               beside("r.xml") + "'");
  EXPECT_EQ(text.exit_code, 0) << text.output;
  EXPECT_THAT(text.output, HasSubstr("model: decode\n"));
}

TEST_F(Check, SaysWhichMethodsThereAre) {
  const std::string model = archive_of_methods(kMethods);
  expect_usage_error("check " + model + " --input 'float32[2,3]'",
                     path() +
                         " has no method forward to call; it has encode and decode: give each "
                         "argument as --input encode:SPEC");
  expect_usage_error("check " + model + " --input encode:1",
                     path() +
                         ": encode takes 2 arguments (x: Tensor, offset: int), --input was "
                         "given 1 times; give it once for each");
  expect_usage_error("check " + model + " --input decode:1 --input decode:2 --input decode:3",
                     path() +
                         ": decode takes 1 to 2 arguments (x: Tensor, scale: float = ...), "
                         "--input was given 3 times; give it once for each");
  expect_usage_error("check " + model + " --input 'encode:float32[3]' --input encode:0.5",
                     "--input '0.5' is float, but encode takes offset: int");
  const std::vector<char> outputs = torch::pickle_save(at::ones({3}));
  std::ofstream(beside("outputs.pt"), std::ios::binary).write(outputs.data(), outputs.size());
  expect_usage_error("check " + model +
                         " --input 'decode:float32[3]' --input 'encode:float32[3]' "
                         "--input encode:1 --reference '@" +
                         beside("outputs.pt") + "'",
                     "--reference holds the outputs of one method; give --input for one alone");
}

TEST_F(Check, PutsTheExceptionOfAScriptFirst) {
  torch::jit::Module module("M");
  module.define(
      "def forward(self, x: Tensor, rate: int):\n    assert rate == 16000\n    return x\n");
  raise_as(module, "forward", "builtins.ValueError", "only 16000 Hz");
  module.save(path());
  const auto result = crosstrace("check '" + path() +
                                 "' --input 'float32[3]' --input 8000 --devices cpu --junit '" +
                                 beside("r.xml") + "'");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("error: call 1 of 3: ValueError: only 16000 Hz\n"));
  std::ifstream junit(beside("r.xml"));
  const std::string text(std::istreambuf_iterator<char>(junit), {});
  EXPECT_THAT(text, HasSubstr("ValueError: only 16000 Hz"));
}

/// Its table is no buffer, so `to` leaves it behind, and it says so in its own words.
TEST_F(Check, NamesTheBranchOnDevicesThatRaises) {
  torch::jit::Module module("M");
  module.register_attribute("table", c10::TensorType::get(), at::ones({3}));
  module.define(
      "def forward(self, x: Tensor):\n"
      "    assert x.device.type == self.table.device.type\n    return x * self.table\n");
  raise_as(module, "forward", "builtins.ValueError", "move it first");
  module.save(path());
  const auto result =
      crosstrace("check '" + path() + "' --input 'float32[3]' --devices cpu,sim:0 --json -");
  const auto report = nlohmann::json::parse(result.output);
  int failed = 0;
  for (const auto& cell : report.at("cells")) {
    if (cell.at("verdict") == "match") continue;
    ++failed;
    EXPECT_EQ(cell.at("transfer"), "to");
    EXPECT_THAT(cell.at("message").get<std::string>(),
                ::testing::StartsWith("call 1 of 3: ValueError: move it first\n"));
    ASSERT_EQ(cell.at("causes").size(), 1U);
    EXPECT_THAT(cell.at("causes")[0].get<std::string>(), HasSubstr("device-branch"));
  }
  EXPECT_EQ(failed, 1);
}

TEST_F(Check, RunsAutogradWhereTheArchiveCallsIt) {
  const auto result =
      crosstrace("check " +
                 archive("x = x.detach().requires_grad_(True)\n"
                         "    energy = torch.tanh(x * self.weight).sum()\n"
                         "    gradient = torch.autograd.grad([energy], [x])[0]\n"
                         "    assert gradient is not None\n    return energy, -gradient") +
                 " --input 'float32[5,3]' --devices cpu,sim");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("7 passed, 0 failed, 0 skipped, 0 untrusted"));
}

}  // namespace
}  // namespace crosstrace
