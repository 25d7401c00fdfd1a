// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// TO-LIT: `to`, `cpu` or `cuda` with a device that the trace fixed. Often silent: data moves, and
// the answer is right but elsewhere.

#include <torch/nn/modules/conv.h>
#include <torch/types.h>

#include "zoo/zoo.h"

namespace crosstrace::zoo {
namespace {

constexpr const char* kRule = "transfer-literal";

CROSSTRACE_REGISTER(ReturnedFromTo)
    .function([](at::Tensor x) { return torch::relu(x).to(x.device(), torch::kDouble); })
    .inputs([] {
      return torch::randn({3, 3});
    })
    .expect_failure(moved(), Verdict::kWrongDevice, "its values are right");
ZOO_ENTRY(ReturnedFromTo, "TO-LIT").error(kRule, "aten::to").automatic();

struct CastsInputImpl : torch::nn::Module {
  CastsInputImpl() { conv = register_module("conv", torch::nn::Conv1d(2, 3, 3)); }
  at::Tensor forward(at::Tensor x) {
    return conv(x.to(conv->weight.device(), torch::kFloat, /*non_blocking=*/false, /*copy=*/true));
  }
  torch::nn::Conv1d conv{nullptr};
};
TORCH_MODULE(CastsInput);

CROSSTRACE_REGISTER(CastsItsInput)
    .module([] { return CastsInput(); })
    .inputs([] {
      return torch::randn({2, 2, 8});
    })
    .expect_failure(moved(), Verdict::kError, "weight");
ZOO_ENTRY(CastsItsInput, "TO-LIT").error(kRule, "aten::to").automatic();

// Two sites: the factory has no device, and the transfer after it has that of the trace.
CROSSTRACE_REGISTER(RampMovedByLiteral)
    .function([](at::Tensor x) {
      const at::Tensor ramp = torch::arange(3, torch::kInt);
      return x + ramp.to(x.device(), torch::kFloat);
    })
    .inputs([] {
      return torch::randn({2, 3});
    })
    .expect_failure(moved(), Verdict::kError, kMixed);
ZOO_ENTRY(RampMovedByLiteral, "TO-LIT").error(kRule, "aten::to").automatic();

CROSSTRACE_REGISTER(AnswersOnCpu)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.relu(x).cpu()
)")
    .inputs([] {
      return torch::randn({3, 3});
    })
    .expect_failure(elsewhere(), Verdict::kWrongDevice, "its values are right");
ZOO_ENTRY(AnswersOnCpu, "TO-LIT").error(kRule, "aten::cpu").automatic();

// By way of the CPU and back: a copy for nothing, but right everywhere.
CROSSTRACE_REGISTER(ThereAndBack)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.relu(x).to(torch.device("cpu")).mul(2.0).to(x)
)")
    .inputs([] {
      return torch::randn({3, 3});
    });
ZOO_ENTRY(ThereAndBack, "good").note(kRule, "aten::to");

}  // namespace
}  // namespace crosstrace::zoo
