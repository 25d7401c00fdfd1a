// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/repair/detail/mobile_archive.h>
#include <crosstrace/repair/repair_archive.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/mobile/import.h>

#include "unit/temporary_file.h"

// Archives with bytecode for the lite interpreter.
namespace crosstrace {
namespace {

using ::testing::SizeIs;
using ::testing::StartsWith;

class MobileArchive : public ::testing::Test {
 protected:
  static torch::jit::Module scales(const std::string& factor) {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::arange(1, 4, at::kFloat), /*is_buffer=*/false);
    module.define("def forward(self, x: Tensor) -> Tensor:\n    return x * self.weight * " +
                  factor + "\n");
    return module;
  }

  static ProofCalls calls() {
    ProofCalls calls;
    calls.inputs = {[] { return Inputs{at::randn({2, 3})}; }};
    calls.devices = {"cpu", "sim:0"};
    return calls;
  }

  RepairResult repair() const { return repair_archive(archive_.path(), target_.path(), calls()); }

  std::string why_not() const {
    return detail::why_not_mobile(archive_.path(), target_.path(), calls());
  }

  TemporaryFile archive_{"model.ptl"};
  TemporaryFile target_{"fixed.ptl"};
};

TEST_F(MobileArchive, IsRepairedWithItsBytecode) {
  const torch::jit::Module module = scales("torch.arange(3, device=torch.device(\"cpu\"))");
  module._save_for_mobile(archive_.path(), {{"labels.txt", "cat"}},
                          /*save_mobile_debug_info=*/true);
  const RepairResult result = repair();
  ASSERT_TRUE(result.written) << result.why_not;
  EXPECT_THAT(result.steps, SizeIs(1));
  const detail::Bytecode bytecode = detail::bytecode_in(target_.path());
  EXPECT_TRUE(bytecode.is_there);
  EXPECT_TRUE(bytecode.has_debug_info);
  torch::jit::ExtraFilesMap extra = {{"labels.txt", ""}};
  auto mobile = torch::jit::_load_for_mobile(target_.path(), c10::kCPU, extra);
  EXPECT_EQ(extra["labels.txt"], "cat");
  const at::Tensor x = at::randn({2, 3});
  EXPECT_TRUE(
      mobile.forward({x}).toTensor().equal(x * at::arange(1, 4, at::kFloat) * at::arange(3)));
}

TEST_F(MobileArchive, WithoutDebugInfoGetsNone) {
  scales("torch.arange(3)")._save_for_mobile(archive_.path());
  ASSERT_TRUE(repair().written);
  const detail::Bytecode bytecode = detail::bytecode_in(target_.path());
  EXPECT_TRUE(bytecode.is_there);
  EXPECT_FALSE(bytecode.has_debug_info);
}

TEST_F(MobileArchive, IsNotMadeOfAnOrdinaryOne) {
  scales("torch.arange(3)").save(archive_.path());
  ASSERT_TRUE(repair().written);
  EXPECT_FALSE(detail::bytecode_in(target_.path()).is_there);
}

TEST_F(MobileArchive, MustAnswerAsBefore) {
  scales("2")._save_for_mobile(archive_.path());
  scales("3")._save_for_mobile(target_.path());
  EXPECT_EQ(why_not(),
            "the bytecode of the repaired archive does not answer as before to the last bit with "
            "input set 1");
  scales("torch.ones([7])")._save_for_mobile(target_.path());
  EXPECT_THAT(why_not(),
              StartsWith("the bytecode of the repaired archive fails with input set 1: "));
  scales("2").save(target_.path());
  EXPECT_THAT(why_not(), StartsWith("the lite interpreter cannot read the repaired archive: "));
  scales("2")._save_for_mobile(target_.path());
  EXPECT_EQ(why_not(), "");
}

TEST_F(MobileArchive, MustAnswerAsBeforeInEveryMethod) {
  const auto encodes = [](const std::string& factor) {
    torch::jit::Module module = scales("2");
    module.define("def encode(self, x):\n    return x * " + factor + "\n");
    return module;
  };
  encodes("2")._save_for_mobile(archive_.path());
  encodes("3")._save_for_mobile(target_.path());
  EXPECT_EQ(why_not(), "");
  ProofCalls both = calls();
  both.method_inputs["encode"] = both.inputs;
  EXPECT_EQ(detail::why_not_mobile(archive_.path(), target_.path(), both),
            "the bytecode of the repaired archive does not answer as before to the last bit with "
            "input set 1 of encode");
}

TEST_F(MobileArchive, NeedOnlyBeReadWhereTheOriginalDoesNotRun) {
  scales("torch.ones([7])")._save_for_mobile(archive_.path());
  scales("2")._save_for_mobile(target_.path());
  EXPECT_EQ(why_not(), "");
}

}  // namespace
}  // namespace crosstrace
