// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// NO-DEV: a factory without a device makes its tensor on the CPU wherever it runs; there is no
// literal to look for.

#include <torch/types.h>

#include "zoo/zoo.h"

namespace crosstrace::zoo {
namespace {

constexpr const char* kRule = "implicit-cpu";

CROSSTRACE_REGISTER(DefaultBoxes)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    boxes = torch.arange(3) * 2.0
    return torch.cat([x, boxes])
)")
    .inputs([] { return torch::randn({3}); })
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(DefaultBoxes, "NO-DEV").error(kRule, "aten::arange").automatic();

// Traced on another device it fails while it is traced.
CROSSTRACE_REGISTER(GridWithoutDevice)
    .function([](at::Tensor x) { return x + torch::arange(6); })
    .inputs([] {
      return torch::randn({2, 6});
    })
    .expect_failure(!traced_on("cpu") || moved(), Verdict::kError, kMixed);
ZOO_ENTRY(GridWithoutDevice, "NO-DEV").error(kRule, "aten::arange").automatic();

// Elementwise operators take a CPU tensor of no dimension, `stack` does not.
CROSSTRACE_REGISTER(EpsilonInStack)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    epsilon = torch.tensor(0.5)
    return torch.stack([x.sum(), epsilon])
)")
    .inputs([] { return torch::randn({4}); })
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(EpsilonInStack, "NO-DEV").error(kRule, "aten::tensor").automatic();

// Which branch is taken, values decide.
CROSSTRACE_REGISTER(FactoryInBranch)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    if float(x.sum()) > 0.0:
        x = x + torch.ones([3])
    return x * 2.0
)")
    .inputs([] {
      return torch::rand({2, 3});
    })
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(FactoryInBranch, "NO-DEV").warning(kRule, "aten::ones").automatic();

// `training` is false in every cell, so the factory is never run.
CROSSTRACE_REGISTER(FactoryForTraining)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    if self.training:
        x = x + torch.ones([3])
    return x * 2.0
)")
    .inputs([] {
      return torch::randn({2, 3});
    });
ZOO_ENTRY(FactoryForTraining, "good").note(kRule, "aten::ones");

CROSSTRACE_REGISTER(EpsilonInMaximum)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.maximum(x, torch.tensor(0.1)) + torch.tensor(1)
)")
    .inputs([] { return torch::randn({4}); });
ZOO_ENTRY(EpsilonInMaximum, "good").note(kRule, "aten::tensor", 2);

}  // namespace
}  // namespace crosstrace::zoo
