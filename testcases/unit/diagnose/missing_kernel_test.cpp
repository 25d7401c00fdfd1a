// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/diagnose/operator_inventory.h>
#include <crosstrace/operators/kernel_lookup.h>
#include <gmock/gmock.h>
#include <torch/library.h>

#include "unit/diagnose/said.h"

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

at::Tensor same(const at::Tensor& x) { return x.clone(); }

TORCH_LIBRARY(crosstrace_rules, m) {
  m.def("cpu_only(Tensor x) -> Tensor");
  m.impl("cpu_only", c10::DispatchKey::CPU, &same);
  m.def("composite(Tensor x) -> Tensor", &same);
}

torch::jit::Module calling(const std::string& op) {
  return of_graph("graph(%self, %x):\n  %y : Tensor = " + op + "(%x)\n  return (%y)\n");
}

TEST(MissingKernel, IsAnErrorWhereForwardAlwaysCallsTheOperator) {
  const auto found = said(&rules::missing_kernel, scripted(R"(
def forward(self, x: Tensor):
    a, b = torch.histogram(x, 4)
    return a + torch.relu(b)
)"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, "aten::histogram");
  EXPECT_EQ(found[0].severity, Severity::kError);
  EXPECT_EQ(found[0].message,
            "aten::histogram.bin_ct has no CUDA kernel, so a call on cuda fails.");
  EXPECT_EQ(found[0].advice, "Call it outside of the model, or use operators that CUDA has.");
}

TEST(MissingKernel, IsAWarningInABranchAndANoteOutsideOfForward) {
  const auto found = said(&rules::missing_kernel, scripted(R"(
def forward(self, x: Tensor):
    if bool(x.sum() > 0):
        a, b = torch.histogram(x, 4)
        x = a + b
    return x
def sparse(self, x: Tensor):
    return torch.to_mkldnn(x)
def other(self, x: Tensor):
    return torch._spdiags(x, x, [2, 2])
)"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].severity, Severity::kWarning);
  EXPECT_EQ(found[1].method, "other");
  EXPECT_EQ(found[1].severity, Severity::kNote);
}

TEST(MissingKernel, FollowsBranchesThatTheModuleDecides) {
  torch::jit::Module module("__torch__.M");
  module.register_attribute("training", c10::BoolType::get(), false);
  module.register_attribute("version", c10::IntType::get(), 4);
  module.define(R"(
def forward(self, x: Tensor):
    if self.training:
        x = torch._spdiags(x, x, [2, 2])
    if self.training or self.version < 4:
        return x
    a, b = torch.histogram(x, 4)
    return a + b
)");
  const auto found = said(&rules::missing_kernel, module);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].kind, "aten::_spdiags");
  EXPECT_EQ(found[0].severity, Severity::kNote);
  EXPECT_EQ(found[1].kind, "aten::histogram");
  EXPECT_EQ(found[1].severity, Severity::kError);
}

TEST(MissingKernel, OfACustomOperatorIsANoteWhileItsCudaPartMayBeElsewhere) {
  const auto found = said(&rules::missing_kernel, calling("crosstrace_rules::cpu_only"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::kNote);
  EXPECT_EQ(found[0].message,
            "crosstrace_rules::cpu_only has no kernel for cuda that is registered here, where "
            "LibTorch's part for cuda is not loaded; unless its library registers one there, a "
            "call on cuda fails.");
  EXPECT_EQ(found[0].advice,
            "Look whether the library that defines crosstrace_rules::cpu_only was built for cuda.");
  EXPECT_THAT(said(&rules::missing_kernel, calling("crosstrace_rules::composite")), IsEmpty());
}

TEST(FindKernel, AsksTheDispatcherElseLibTorchsTable) {
  EXPECT_TRUE(find_kernel({"aten::add", "Tensor"}, "cpu").has_kernel);
  EXPECT_TRUE(find_kernel({"aten::add", "Tensor"}, "cuda").has_kernel);
  EXPECT_TRUE(find_kernel({"aten::linear", ""}, "cuda").has_kernel);
  EXPECT_TRUE(find_kernel({"aten::int_repr", ""}, "cuda").has_kernel);
  // The CPU has a kernel of its own, all others the composite one, be they loaded or not.
  EXPECT_TRUE(find_kernel({"aten::pixel_shuffle", ""}, "cuda").has_kernel);
  EXPECT_TRUE(find_kernel({"aten::pixel_shuffle", ""}, "xpu").has_kernel);
  EXPECT_FALSE(find_kernel({"aten::cudnn_convolution", ""}, "cpu").has_kernel);
  EXPECT_TRUE(find_kernel({"aten::cudnn_convolution", ""}, "cuda").has_kernel);
  EXPECT_FALSE(find_kernel({"aten::mkldnn_linear", ""}, "cuda").has_kernel);
  EXPECT_TRUE(find_kernel({"quantized::add", ""}, "cpu").has_kernel);
  EXPECT_FALSE(find_kernel({"quantized::add", ""}, "cuda").has_kernel);
  EXPECT_EQ(find_kernel({"quantized::add", ""}, "cuda").evidence, KernelEvidence::kRegistered);
  EXPECT_TRUE(find_kernel({"aten::select_copy", "int"}, "cpu").has_kernel);
  EXPECT_EQ(find_kernel({"aten::add", "Tensor"}, "xpu").evidence, KernelEvidence::kNotSeen);
}

TEST(OperatorInventory, CountsWhatTheDispatcherCalls) {
  const Program program(scripted(R"(
def helper(self, x: Tensor):
    return torch.relu(x)
def forward(self, x: Tensor):
    n = len(x.size())  # Of the interpreter, not of the dispatcher.
    return self.helper(x) + self.helper(x) + n
)"));
  std::vector<std::string> uses;
  for (const OperatorUse& use : operator_inventory(program, {"cpu", "cuda"})) {
    uses.push_back(use.name + " " + std::to_string(use.count) + " " +
                   std::to_string(use.kernels.at("cpu")) + std::to_string(use.kernels.at("cuda")));
  }
  EXPECT_THAT(uses,
              ElementsAre("aten::add.Scalar 1 11", "aten::add.Tensor 1 11", "aten::relu 2 11"));
}

}  // namespace
}  // namespace crosstrace
