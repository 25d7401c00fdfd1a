// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Models that answer right everywhere and break an assertion each.

#include <crosstrace/models/register.h>
#include <torch/torch.h>

#include <chrono>
#include <thread>

namespace {

torch::Tensor rows() { return torch::arange(1, 13, torch::kFloat).view({3, 4}); }

CROSSTRACE_REGISTER(Detour)
    .function([](torch::Tensor x) { return x * 2; })
    .inputs(rows)
    .script("def forward(self, x: Tensor) -> Tensor:\n    return (x.to('cpu') * 2).to(x.device)\n");

CROSSTRACE_REGISTER(Prefix).function([](torch::Tensor x) { return x.cumsum(0); }).inputs(rows);

// Slow where it does not run on the CPU.
CROSSTRACE_REGISTER(Slow)
    .function([](torch::Tensor x) { return x * 2; })
    .inputs([] {
      return torch::randn({64, 64});
    })
    .script(
        "def forward(self, x: Tensor) -> Tensor:\n    y = x\n    if x.device != "
        "torch.device('cpu'):\n        for i in range(4000):\n            y = y * 1.0\n    return "
        "y * "
        "2\n");

}  // namespace
