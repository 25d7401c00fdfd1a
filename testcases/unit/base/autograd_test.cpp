// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <crosstrace/base/autograd.h>
#include <crosstrace/base/call_method.h>
#include <gmock/gmock.h>
#include <torch/autograd.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/module.h>

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

torch::jit::Module module(const std::string& source) {
  torch::jit::Module module("M");
  module.define(source);
  return module;
}

constexpr const char* kGradient = R"(
def gradient(self, x: Tensor) -> Tensor:
    x = x.detach().requires_grad_(True)
    found = torch.autograd.grad([(x * x).sum()], [x])[0]
    assert found is not None
    return found
)";

TEST(CallsAutograd, SeesWhatAMethodCalls) {
  auto made = module(std::string(kGradient) +
                     "def forward(self, x: Tensor) -> Tensor:\n    return -self.gradient(x)\n"
                     "def plain(self, x: Tensor) -> Tensor:\n    return x.detach()\n");
  EXPECT_TRUE(calls_autograd(made, "gradient"));
  EXPECT_TRUE(calls_autograd(made, "forward"));
  EXPECT_FALSE(calls_autograd(made, "plain"));
  EXPECT_FALSE(calls_autograd(made, "no_such"));
}

TEST(CallsAutograd, LooksIntoBranchesLoopsAndSubmodules) {
  auto inner = module(kGradient);
  torch::jit::Module outer("Outer");
  outer.register_module("inner", inner);
  outer.define(R"(
def in_loop(self, x: Tensor) -> Tensor:
    for i in range(2):
        if i > 0:
            x = self.inner.gradient(x)
    return x
def backward(self, x: Tensor) -> Tensor:
    x.sum().backward()
    return x
)");
  EXPECT_TRUE(calls_autograd(outer, "in_loop"));
  EXPECT_TRUE(calls_autograd(outer, "backward"));
}

TEST(CallMethod, TurnsAutogradOnForThoseWhoCallIt) {
  torch::jit::Module made("M");
  made.register_parameter("w", at::ones({2}), /*is_buffer=*/false);
  made.define(std::string(kGradient) +
              "def on(self, x: Tensor) -> bool:\n    return (x * self.w).requires_grad\n");
  const at::Tensor found = call_method(made, "gradient", {at::ones({2})}).toTensor();
  EXPECT_TRUE(found.equal(at::full({2}, 2.F)));
  EXPECT_FALSE(call_method(made, "on", {at::ones({2})}).toBool());
  EXPECT_THAT([&] { call_method(made, "no_such", {}); },
              ThrowsMessage<std::runtime_error>("the export has no method no_such"));
}

TEST(CallMethod, DetachesWhatItGives) {
  auto made = module(R"(
def forward(self, x: Tensor) -> Tuple[Tensor, List[Tensor]]:
    x = x.detach().requires_grad_(True)
    energy = (x * x).sum()
    torch.autograd.grad([energy], [x], retain_graph=True)
    return energy, [x * 2]
)");
  const c10::IValue answer = call_method(made, "forward", {at::ones({2})});
  EXPECT_FALSE(answer.toTupleRef().elements()[0].toTensor().requires_grad());
  EXPECT_FALSE(answer.toTupleRef().elements()[1].toTensorVector()[0].requires_grad());
}

at::Tensor gradient_of_square() {
  const at::Tensor x = at::ones({2}).requires_grad_();
  return torch::autograd::grad({x.square().sum()}, {x})[0];
}

TEST(WithoutAutograd, RunsOnceMoreWhereItIsNeeded) {
  std::vector<bool> modes;
  const auto found = without_autograd_if_possible([&] {
    modes.push_back(at::GradMode::is_enabled());
    return gradient_of_square();
  });
  EXPECT_THAT(modes, ::testing::ElementsAre(false, true));
  EXPECT_TRUE(found.equal(at::full({2}, 2.F)));
}

TEST(WithoutAutograd, RunsOnceWhereItIsNot) {
  int runs = 0;
  without_autograd_if_possible([&] { ++runs; });
  EXPECT_THAT(
      [&] { without_autograd_if_possible([&] { ++runs, throw std::runtime_error("no"); }); },
      ThrowsMessage<std::runtime_error>("no"));
  EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace crosstrace
