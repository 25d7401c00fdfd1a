// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// One fully connected layer: nothing in it but parameters, so every transfer carries all of it.

#include <crosstrace/models/register.h>
#include <torch/torch.h>

namespace {

struct SimpleModelImpl : torch::nn::Module {
  SimpleModelImpl() { fc = register_module("fc", torch::nn::Linear(10, 5)); }
  torch::Tensor forward(torch::Tensor x) { return fc(x); }

  torch::nn::Linear fc{nullptr};
};
TORCH_MODULE(SimpleModel);

CROSSTRACE_REGISTER(SimpleModel)
    .module([] { return SimpleModel(); })
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.linear(x, self.fc.weight, self.fc.bias)
)")
    .inputs([] {
      return torch::randn({1, 10});
    })
    .inputs([] {
      return torch::randn({7, 10});
    })
    .inputs([] {
      return torch::randn({0, 10});
    });

}  // namespace
