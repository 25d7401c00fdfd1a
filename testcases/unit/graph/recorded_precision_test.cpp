// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/graph/recorded_precision.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/ir/irparser.h>

#include <string>
#include <vector>

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kConvolution =
    "torch._convolution(x, self.weight, None, [1], [0], [1], False, [0], 1, False, False, True, "
    "True)";

torch::jit::Module module_with_weight(const std::string& name,
                                      std::shared_ptr<torch::jit::CompilationUnit> unit) {
  torch::jit::Module module(name, std::move(unit));
  module.register_parameter("weight", at::ones({2, 2, 1}), false);
  return module;
}

torch::jit::Module scripted(const std::string& body) {
  auto module = module_with_weight("__torch__.M", std::make_shared<torch::jit::CompilationUnit>());
  module.define("def forward(self, x: Tensor):\n" + body + "\n");
  return module;
}

void collect(torch::jit::Block& block, std::vector<bool>& flags) {
  for (torch::jit::Node* node : block.nodes()) {
    if (const auto flag = recorded_tf32(*node)) flags.push_back(*flag);
    for (torch::jit::Block* inner : node->blocks()) collect(*inner, flags);
    if (node->hasAttribute(c10::attr::Subgraph)) {
      collect(*node->g(c10::attr::Subgraph)->block(), flags);
    }
  }
}

/// Of all functions of the unit, so of clones as well.
std::vector<bool> flags_in_unit_of(const torch::jit::Module& module) {
  std::vector<bool> flags;
  for (torch::jit::Function* function : module._ivalue()->compilation_unit()->get_functions()) {
    collect(*torch::jit::toGraphFunction(*function).graph()->block(), flags);
  }
  return flags;
}

std::vector<bool> flags_of(const torch::jit::Module& module) {
  std::vector<bool> flags;
  collect(*module.get_method("forward").graph()->block(), flags);
  return flags;
}

TEST(RecordedPrecision, IsSetInNestedBlocks) {
  const auto module = scripted(std::string("    for i in range(2):\n        if i > 0:\n") +
                               "            x = " + kConvolution + "\n    return x");
  ASSERT_THAT(flags_of(module), ElementsAre(true));
  set_recorded_tf32(module, false);
  EXPECT_THAT(flags_of(module), ElementsAre(false));
  set_recorded_tf32(module, true);
  EXPECT_THAT(flags_of(module), ElementsAre(true));
}

TEST(RecordedPrecision, IsSetInWhatForkRuns) {
  const auto module = scripted(std::string("    return ") + kConvolution);
  auto outer = std::make_shared<torch::jit::Graph>();
  torch::jit::Node* fork = outer->create(c10::prim::fork, {outer->addInput("x")}, 1);
  fork->g_(c10::attr::Subgraph, module.get_method("forward").graph()->copy());
  outer->insertNode(fork);
  outer->registerOutput(fork->output());
  module._ivalue()->compilation_unit()->create_function("__torch__.forks", outer);
  ASSERT_THAT(flags_in_unit_of(module), ElementsAre(true, true));
  set_recorded_tf32(module, false);
  EXPECT_THAT(flags_in_unit_of(module), ElementsAre(false, false));
}

/// A submodule, and a method beside forward.
torch::jit::Module with_all_kinds_of_calls() {
  auto unit = std::make_shared<torch::jit::CompilationUnit>();
  auto child = module_with_weight("__torch__.Child", unit);
  child.define(std::string("def forward(self, x: Tensor) -> Tensor:\n    return ") + kConvolution +
               "\n");
  auto parent = module_with_weight("__torch__.M", unit);
  parent.register_module("child", child);
  parent.define(std::string("def forward(self, x: Tensor) -> Tensor:\n    return ") +
                "self.child.forward(x) + self.other(x)\n"
                "def other(self, x: Tensor) -> Tensor:\n    return " +
                kConvolution + "\n");
  return parent;
}

TEST(RecordedPrecision, IsSetInSubmodulesAndOtherMethods) {
  const auto module = with_all_kinds_of_calls();
  set_recorded_tf32(module, false);
  EXPECT_THAT(flags_in_unit_of(module), ElementsAre(false, false));
}

TEST(RecordedPrecision, IsSetInFunctionsBesideTheModule) {
  const auto module = scripted("    return x");
  module._ivalue()->compilation_unit()->define(
      c10::QualifiedName("__torch__"),
      "def free(x: Tensor, weight: Tensor):\n    return torch._convolution(x, weight, None, [1], "
      "[0], [1], False, [0], 1, False, False, True, True)\n",
      torch::jit::nativeResolver(), nullptr);
  set_recorded_tf32(module, false);
  EXPECT_THAT(flags_in_unit_of(module), ElementsAre(false));
}

TEST(RecordedPrecision, OfAnotherCloneStays) {
  const auto module = with_all_kinds_of_calls();
  const auto clone = module.clone();
  set_recorded_tf32(clone, false);
  EXPECT_THAT(flags_of(module), IsEmpty());
  std::vector<bool> own;
  collect(*module.get_method("other").graph()->block(), own);
  collect(*module.attr("child").toModule().get_method("forward").graph()->block(), own);
  EXPECT_THAT(own, ElementsAre(true, true));
  std::vector<bool> cloned;
  collect(*clone.get_method("other").graph()->block(), cloned);
  collect(*clone.attr("child").toModule().get_method("forward").graph()->block(), cloned);
  EXPECT_THAT(cloned, ElementsAre(false, false));
}

TEST(RecordedPrecision, LeavesOtherUsesOfTheSameConstant) {
  const auto module = scripted(std::string("    return ") + kConvolution);
  const auto graph = module.get_method("forward").graph();
  torch::jit::Node* node = nullptr;
  for (torch::jit::Node* each : graph->nodes()) {
    if (each->kind() == c10::aten::_convolution) node = each;
  }
  ASSERT_NE(node, nullptr);
  node->replaceInput(12, node->input(11));  // allow_tf32 is the constant of cudnn_enabled.
  set_recorded_tf32(module, false);
  EXPECT_EQ(torch::jit::toIValue(node->input(11)), c10::IValue(true));
  EXPECT_EQ(torch::jit::toIValue(node->input(12)), c10::IValue(false));
}

TEST(RecordedPrecision, OfCudnnsOwnOperatorsIsSet) {
  torch::jit::Module module("__torch__.M");
  auto graph = std::make_shared<torch::jit::Graph>();
  torch::jit::parseIR(R"(
graph(%self, %x : Tensor, %w : Tensor):
  %yes : bool = prim::Constant[value=1]()
  %one : int = prim::Constant[value=1]()
  %ints : int[] = prim::ListConstruct(%one)
  %a : Tensor = aten::cudnn_convolution(%x, %w, %ints, %ints, %ints, %one, %yes, %yes, %yes)
  %b : Tensor = aten::cudnn_convolution_transpose(%a, %w, %ints, %ints, %ints, %ints, %one, %yes, %yes, %yes)
  return (%b)
)",
                      graph.get());
  graph->inputs()[0]->setType(module.type());
  module.type()->addMethod(
      module._ivalue()->compilation_unit()->create_function("__torch__.M.forward", graph));
  ASSERT_THAT(flags_of(module), ElementsAre(true, true));
  set_recorded_tf32(module, false);
  EXPECT_THAT(flags_of(module), ElementsAre(false, false));
}

TEST(RecordedPrecision, IsNotThereInTheOldOperator) {
  const auto module = scripted(
      "    return torch._convolution(x, self.weight, None, [1], [0], [1], False, [0], 1, False, "
      "False, True)");
  EXPECT_THAT(flags_of(module), IsEmpty());
  set_recorded_tf32(module, false);
  EXPECT_EQ(module.get_method("forward").graph()->nodes().begin()->kind(), c10::prim::Constant);
}

TEST(RecordedPrecision, SaysWhatWouldRunInTf32) {
  const auto recorded = scripted(std::string("    return ") + kConvolution);
  const auto asking = scripted("    return torch.conv1d(x, self.weight)");
  const auto product = scripted("    return torch.matmul(x, self.weight)");
  {
    const PrecisionScope defaults(Precision::kAsExported);
    EXPECT_TRUE(would_run_in_tf32(recorded));
    EXPECT_TRUE(would_run_in_tf32(asking));
    EXPECT_FALSE(would_run_in_tf32(product));
  }
  {
    const PrecisionScope strict(Precision::kStrict);
    EXPECT_TRUE(would_run_in_tf32(recorded)) << "flags change nothing about it";
    EXPECT_FALSE(would_run_in_tf32(asking));
    set_recorded_tf32(recorded, false);
    EXPECT_FALSE(would_run_in_tf32(recorded));
  }
  const PrecisionScope tf32(Precision::kTf32);
  EXPECT_TRUE(would_run_in_tf32(product));
  EXPECT_FALSE(would_run_in_tf32(scripted("    return x + 1")));
}

TEST(RecordedPrecision, IsOfNoAccountWithoutFloat32) {
  auto module = scripted(std::string("    return ") + kConvolution);
  module.to(at::kDouble);
  EXPECT_FALSE(would_run_in_tf32(module));
}

}  // namespace
}  // namespace crosstrace
