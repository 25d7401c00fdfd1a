// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/flow/follow_devices.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>

#include "unit/diagnose/said.h"

namespace crosstrace {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The conflicts of forward, and the program that they point into.
struct Followed {
  Followed(torch::jit::Module module, Transfer transfer, const std::string& run_device)
      : program(std::move(module)),
        conflicts(follow_devices(program, *program.find_method("forward"),
                                 {transfer, "cpu", run_device})) {}

  Program program;
  std::vector<Conflict> conflicts;
};

Followed follow(torch::jit::Module module, const std::string& run_device = "cuda:0",
                Transfer transfer = Transfer::kTo) {
  return {std::move(module), transfer, run_device};
}

std::string kind_of(const torch::jit::Node* node) {
  return node == nullptr ? "output" : node->kind().toQualString();
}

/// A graph over a float tensor `x` and, with `d`, a device of the CPU.
torch::jit::Module graph(const std::string& lines, const std::string& result) {
  return of_graph(
      "graph(%self, %x : Tensor):\n  %none : NoneType = prim::Constant()\n"
      "  %f : bool = prim::Constant[value=0]()\n  %one : int = prim::Constant[value=1]()\n"
      "  %six : int = prim::Constant[value=6]()\n"
      "  %d : Device = prim::Constant[value=\"cpu\"]()\n" +
      lines + "  return (" + result + ")\n");
}

TEST(Flow, NamesTheOriginTheRefusalAndTheAnchor) {
  const Followed followed = follow(graph(R"(
  %range : Tensor = aten::arange(%six, %none, %none, %d, %none)
  %twice : Tensor = aten::mul(%range, %six)
  %sum : Tensor = aten::add(%x, %twice, %one)
)",
                                         "%sum"));
  ASSERT_THAT(followed.conflicts, SizeIs(1));
  const Conflict& conflict = followed.conflicts[0];
  EXPECT_EQ(kind_of(conflict.node), "aten::add");
  EXPECT_EQ(conflict.verdict, Verdict::kError);
  EXPECT_TRUE(conflict.certain);
  ASSERT_THAT(conflict.origins, SizeIs(1));
  EXPECT_EQ(kind_of(conflict.origins[0].node), "aten::arange");
  ASSERT_NE(conflict.anchor, nullptr);
  EXPECT_EQ(conflict.anchor->debugName(), "x");
}

/// Three passes for each would be 3^24 of the innermost.
TEST(Flow, EndsWithLoopsInLoops) {
  constexpr int kDepth = 24;
  std::string source = "def forward(self, x: Tensor, n: int) -> Tensor:\n";
  for (int depth = 1; depth <= kDepth; ++depth) {
    source += std::string(depth, ' ') + "for i" + std::to_string(depth) + " in range(n):\n";
  }
  source += std::string(kDepth + 1, ' ') + "x = x * torch.arange(3, device=\"cpu\")\n return x\n";
  torch::jit::Module module("M");
  module.define(source);
  const Followed followed = follow(module);
  ASSERT_THAT(followed.conflicts, SizeIs(1));
  EXPECT_EQ(kind_of(followed.conflicts[0].node), "aten::mul");
}

TEST(Flow, KnowsEveryFormOfTransfer) {
  const char* const transfers[] = {
      "aten::to(%x, %d, %six, %f, %f, %none)",
      "aten::to(%x, %six, %none, %d, %none, %f, %f, %none)",
      "aten::to(%x, %d, %six, %f, %f)",
      "aten::_to_copy(%x, %six, %none, %d, %none, %f, %none)",
      "aten::cpu(%x)",
  };
  for (const char* transfer : transfers) {
    const Followed followed =
        follow(graph(std::string("  %moved : Tensor = ") + transfer + "\n", "%moved"));
    ASSERT_THAT(followed.conflicts, SizeIs(1)) << transfer;
    EXPECT_EQ(followed.conflicts[0].verdict, Verdict::kWrongDevice) << transfer;
    EXPECT_EQ(followed.conflicts[0].node, nullptr);
    EXPECT_THAT(followed.conflicts[0].origins, SizeIs(1));
  }
  EXPECT_THAT(
      follow(graph("  %moved : Tensor = aten::to(%x, %six, %f, %f, %none)\n", "%moved")).conflicts,
      IsEmpty());
}

TEST(Flow, TakesCudaWithoutAnIndexForTheFirst) {
  const auto moves = [] {
    return of_graph(R"IR(
graph(%self, %x : Tensor):
  %moved : Tensor = aten::cuda(%x)
  return (%moved))IR");
  };
  EXPECT_THAT(follow(moves(), "cuda:0").conflicts, IsEmpty());
  ASSERT_THAT(follow(moves(), "cuda:1").conflicts, SizeIs(1));
  EXPECT_EQ(follow(moves(), "cuda:1").conflicts[0].verdict, Verdict::kWrongDevice);
}

TEST(Flow, SaysThatAnAcceleratorMayBeMissing) {
  const Followed followed = follow(
      scripted("def forward(self, x: Tensor):\n    return x.to('cuda:0').to(x.device) * 2\n"),
      "cpu");
  ASSERT_THAT(followed.conflicts, SizeIs(1));
  EXPECT_FALSE(followed.conflicts[0].certain);
  EXPECT_EQ(kind_of(followed.conflicts[0].node), "aten::to");
}

TEST(Flow, AnchorsToParametersAndToElementsOfInputs) {
  torch::jit::Module module("__torch__.M");
  module.register_parameter("weight", at::ones({4}), false);
  module.define("def forward(self, x: int):\n    return self.weight + torch.ones([4])\n");
  const Followed of_weight = follow(module);
  ASSERT_THAT(of_weight.conflicts, SizeIs(1));
  EXPECT_EQ(kind_of(of_weight.conflicts[0].anchor->node()), "prim::GetAttr");
  const Followed of_list =
      follow(scripted("def forward(self, x: List[Tensor]):\n    return x[1] + torch.ones([4])\n"));
  ASSERT_THAT(of_list.conflicts, SizeIs(1));
  EXPECT_EQ(kind_of(of_list.conflicts[0].anchor->node()), "aten::__getitem__");
}

TEST(Flow, WantsLengthsOfPackedSequencesOnTheCpu) {
  const Followed followed = follow(graph(R"(
  %packed : Tensor, %sizes : Tensor = aten::_pack_padded_sequence(%x, %x, %f)
)",
                                         "%packed"));
  ASSERT_THAT(followed.conflicts, SizeIs(1));
  EXPECT_EQ(kind_of(followed.conflicts[0].node), "aten::_pack_padded_sequence");
}

TEST(Flow, LooksAtNothingThatIsNotUsed) {
  EXPECT_THAT(follow(graph(R"(
  %range : Tensor = aten::arange(%six, %none, %none, %d, %none)
  %sum : Tensor = aten::add(%x, %range, %one)
)",
                           "%x"))
                  .conflicts,
              IsEmpty());
}

TEST(Flow, MovesConstantsAndAttributesByLoadAlone) {
  torch::jit::Module module("__torch__.M");
  module.register_attribute("kept", c10::TensorType::get(), at::ones({4}));
  module.define("def forward(self, x: Tensor):\n    return x + self.kept\n");
  const Followed moved = follow(module.clone(), "cuda:0", Transfer::kTo);
  ASSERT_THAT(moved.conflicts, SizeIs(1));
  EXPECT_EQ(moved.conflicts[0].origins.at(0).attribute, "kept");
  EXPECT_THAT(follow(module.clone(), "cuda:0", Transfer::kLoad).conflicts, IsEmpty());
}

TEST(Flow, LeavesParametersBehindIfNothingIsMoved) {
  torch::jit::Module module("__torch__.M");
  module.register_parameter("weight", at::ones({4}), false);
  module.define("def forward(self, x: Tensor):\n    return x + self.weight\n");
  EXPECT_THAT(follow(module.clone(), "cuda:0", Transfer::kAsTraced).conflicts, SizeIs(1));
  EXPECT_THAT(follow(module.clone(), "cpu", Transfer::kAsTraced).conflicts, IsEmpty());
}

TEST(Flow, FollowsAMethodOfASubmodule) {
  torch::jit::Module inner("__torch__.Inner");
  inner.define("def forward(self, x: Tensor):\n    return x + torch.ones([4])\n");
  torch::jit::Module module("__torch__.M", inner._ivalue()->compilation_unit());
  module.register_module("inner", inner);
  module.define("def forward(self, x: Tensor):\n    return self.inner.forward(x)\n");
  const Program program(module);
  const InlinedMethod* method = program.find_method("inner.forward");
  EXPECT_THAT(follow_devices(program, *method, {Transfer::kTo, "cpu", "cuda:0"}), SizeIs(1));
}

}  // namespace
}  // namespace crosstrace
