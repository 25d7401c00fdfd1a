// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// A small convolutional network. `x.size(0)` in its view is baked by the tracer, so the trace keeps
// to its batch size.

#include <crosstrace/models/register.h>
#include <torch/torch.h>

namespace {

struct ComplexModelImpl : torch::nn::Module {
  ComplexModelImpl() {
    conv =
        register_module("conv", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 16, 3).padding(1)));
    fc = register_module("fc", torch::nn::Linear(16 * 7 * 7, 10));
  }

  torch::Tensor forward(torch::Tensor x) {
    x = torch::max_pool2d(torch::relu(conv(x)), 2);
    return fc(x.view({x.size(0), -1}));
  }

  torch::nn::Conv2d conv{nullptr};
  torch::nn::Linear fc{nullptr};
};
TORCH_MODULE(ComplexModel);

CROSSTRACE_REGISTER(ComplexModel)
    .module([] { return ComplexModel(); })
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    x = torch.conv2d(x, self.conv.weight, self.conv.bias, [1, 1], [1, 1])
    x = torch.max_pool2d(torch.relu(x), [2, 2])
    return torch.linear(x.view([x.size(0), -1]), self.fc.weight, self.fc.bias)
)")
    .inputs([] {
      return torch::randn({1, 3, 14, 14});
    });

}  // namespace
