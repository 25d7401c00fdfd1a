// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// `crosstrace repair` as its users run it.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "unit/archive/made_on.h"
#include "unit/cli/command.h"
#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class Repair : public ::testing::Test {
 protected:
  /// Saves a module with this forward body and returns the arguments that repair it.
  std::string archive(const std::string& body) {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::arange(1, 4).to(at::kFloat), false);
    module.define("def forward(self, x: Tensor):\n    " + body + "\n");
    module.save(file_.path());
    return "'" + file_.path() + "' -o '" + target() + "' ";
  }

  std::string baked() { return archive("return x + torch.arange(3, device='cpu')"); }

  std::string target() const { return (file_.folder() / "fixed.pt").string(); }

  std::size_t files() const {
    return std::distance(std::filesystem::directory_iterator(file_.folder()), {});
  }

  const std::string proof_ = "--input 'float32[2,3]' --devices cpu,sim:0";
  TemporaryFile file_{"model.pt"};
};

TEST_F(Repair, MendsWhatFails) {
  const auto result = crosstrace("repair " + baked() + proof_);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("\nchanged: "), HasSubstr("aten::arange in forward"),
                                   EndsWith("\n1 change, 0 left; " + target() + " is written\n")));
  EXPECT_EQ(crosstrace("check '" + file_.path() + "' " + proof_).exit_code, 1);
  EXPECT_EQ(crosstrace("check '" + target() + "' " + proof_).exit_code, 0);
  EXPECT_EQ(crosstrace("inspect '" + target() + "'").exit_code, 0);
}

TEST_F(Repair, NamesTheChangedMethodThatHasNoInputs) {
  const std::string command = "repair " +
                              archive(
                                  "return x + torch.arange(3)\n"
                                  "def encode(self, x: Tensor, n: int):\n"
                                  "    return x + torch.ones(3) * n") +
                              proof_;
  const auto alone = crosstrace(command);
  EXPECT_EQ(alone.exit_code, 1);
  EXPECT_THAT(alone.output,
              HasSubstr(target() + " is not written: encode was changed, and given no inputs to "
                                   "prove it with; give each argument as --input encode:SPEC"));
  EXPECT_EQ(files(), 1U);
  const auto both = crosstrace(command + " --input 'encode:float32[2,3]' --input encode:2");
  EXPECT_EQ(both.exit_code, 0) << both.output;
  EXPECT_THAT(both.output, HasSubstr("6 answers on cpu are the same to the last bit; 10 cells"));
}

TEST_F(Repair, KeepsStandardOutputPureJson) {
  const auto result = crosstrace("repair " + baked() + proof_ + " --json -");
  EXPECT_EQ(result.exit_code, 0);
  const auto json = nlohmann::json::parse(result.output);
  EXPECT_EQ(json.at("written"), true);
  EXPECT_EQ(json.at("home"), "cpu");
  EXPECT_EQ(json.at("steps").at(0).at("findings").at(0), json.at("findings").at(0).at("id"));
  EXPECT_EQ(json.at("proof").at("calls_at_home"), 3);
  for (const auto& cell : json.at("proof").at("cells")) EXPECT_EQ(cell.at("verdict"), "match");
}

TEST_F(Repair, MendsOnAStandInWhatWasMadeOnAGpu) {
  torch::jit::Module module("M");
  module.register_parameter("weight", at::arange(1, 4).to(at::kFloat), false);
  module.define(
      "def forward(self, x: Tensor):\n    return x * self.weight + torch.ones(3, "
      "device='cuda:0')\n");
  save_as_made_on(module, file_.path(), {{"cpu", "cuda:0"}});
  const std::string command = "repair '" + file_.path() + "' -o '" + target() + "' " + proof_;
  const auto result = crosstrace(command);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(
      result.output,
      AllOf(HasSubstr(", made on cuda:0, sim:0 standing in\n"),
            HasSubstr("\nchanged: storages [storage-location-1]\n  tensors that were saved on "
                      "cuda:0 are stored on the cpu\n"),
            HasSubstr("3 answers on cuda:0, sim:0 standing in are the same to the last bit; "),
            EndsWith("\n2 changes, 0 left; " + target() + " is written\n")));
  const Archive repaired(target());
  EXPECT_TRUE(repaired.cuda_devices().empty());
  EXPECT_EQ(repaired.home(), "cpu");
  std::ifstream file(target(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(bytes, ::testing::Not(HasSubstr("sim:")));
  const auto json = nlohmann::json::parse(crosstrace(command + " --json -").output);
  EXPECT_EQ(json.at("home"), "cuda:0");
  EXPECT_EQ(json.at("stands_in"), "sim:0");
}

TEST_F(Repair, WritesNothingOfAGpuWhereNothingMayStandIn) {
  torch::jit::Module module("M");
  module.register_parameter("weight", at::arange(1, 4).to(at::kFloat), false);
  module.define("def forward(self, x: Tensor):\n    return x * self.weight\n");
  save_as_made_on(module, file_.path(), {{"cpu", "cuda:0"}});
  const auto result = crosstrace("repair '" + file_.path() + "' -o '" + target() + "' " + proof_ +
                                 " --stand-in never");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("can only be seen there: cuda:0 is absent: "));
  EXPECT_FALSE(std::filesystem::exists(target()));
}

TEST_F(Repair, HasNothingToProveWithWithoutInputs) {
  expect_usage_error("repair " + baked(),
                     "repair has nothing to prove with; give --input once for each argument of "
                     "forward");
  EXPECT_EQ(files(), 1U);
}

TEST_F(Repair, WritesNothingThatIsNotProven) {
  const auto result =
      crosstrace("repair " + archive("return torch.histc(x + torch.arange(3, device='cpu'))") +
                 "--input 'float32[2,4]' --devices cpu,sim:0");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr(target() + " is not written: "));
  EXPECT_EQ(files(), 1U);
}

TEST_F(Repair, ProvesWithEvidenceUnlessToldOtherwise) {
  const std::string command =
      "repair " +
      archive(
          "y = x * self.weight + torch.zeros(3, device='cpu')\n    return y if x.device.type "
          "== 'cpu' else y + 0.001") +
      "--input 'float32[64,3]=-300..300' --devices cpu,sim:0 ";
  const auto fixed = crosstrace(command + "--tolerance fixed");
  EXPECT_EQ(fixed.exit_code, 1);
  EXPECT_THAT(fixed.output, HasSubstr(target() + " is not written: "));
  const auto weighed = crosstrace(command);
  EXPECT_EQ(weighed.exit_code, 0) << weighed.output;
  EXPECT_THAT(weighed.output, HasSubstr("\n    decided by evidence: output: "));
}

TEST_F(Repair, RefusesABadCommandLine) {
  const std::string command = "repair " + baked();
  EXPECT_EQ(crosstrace("repair '" + file_.path() + "' 2>&1").output,
            "crosstrace: -o is required; see crosstrace --help\n");
  expect_usage_error(command + "--input 1 --input 2",
                     file_.path() +
                         ": forward takes 1 arguments (x: Tensor), --input was given 2 "
                         "times; give it once for each");
  expect_usage_error("repair no_such.pt -o '" + target() + "' --input 1",
                     "cannot read archive no_such.pt: No such file or directory");
  EXPECT_EQ(files(), 1U);
}

TEST_F(Repair, SaysWhereItCannotWrite) {
  baked();
  const auto result =
      crosstrace("repair '" + file_.path() + "' -o no/such/folder/fixed.pt " + proof_ + " 2>&1");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("no/such/folder/fixed.pt"));
  EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 1);
}

class RepairPrecision : public Repair {
 protected:
  /// A baked device beside a convolution that carries allow_tf32=True.
  std::string repair_convolution(const std::string& precision) {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::ones({4, 64, 3, 3}) / 3, false);
    module.define(
        "def forward(self, x: Tensor):\n    x = x + torch.arange(6, device='cpu')\n    return "
        "torch._convolution(x, self.weight, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, False, "
        "False, True, True)\n");
    module.save(file_.path());
    return "repair '" + file_.path() + "' -o '" + target() +
           "' --input 'float32[1,64,6,6]' --devices cpu,sim:0 " + precision;
  }
};

TEST_F(RepairPrecision, ProvesStrictlyAndWritesWhatWasRecorded) {
  const auto result = crosstrace(repair_convolution(""));
  EXPECT_EQ(result.exit_code, 0) << result.output;
  const auto repaired = torch::jit::load(target());
  bool recorded = false;
  for (const torch::jit::Node* node : repaired.get_method("forward").graph()->nodes()) {
    if (node->kind() != c10::aten::_convolution) continue;
    recorded = torch::jit::toIValue(node->inputs().back())->toBool();
  }
  EXPECT_TRUE(recorded);
}

TEST_F(RepairPrecision, ProvesNothingInTf32) {
  const auto result = crosstrace(repair_convolution("--precision as_exported"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("run on sim:0: mismatch: call 1 of 3: "));
  EXPECT_FALSE(std::filesystem::exists(target()));
}

TEST_F(RepairPrecision, RefusesOtherWords) {
  expect_usage_error(repair_convolution("--precision bf16"),
                     "--precision: 'bf16' is no precision; write strict, as_exported or tf32");
}

}  // namespace
}  // namespace crosstrace
