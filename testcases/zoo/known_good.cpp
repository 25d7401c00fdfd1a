// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Portable models that look as if they were not: every cell matches, and diagnosis must not warn.

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/types.h>

#include "zoo/zoo.h"

namespace crosstrace::zoo {
namespace {

struct BufferedImpl : torch::nn::Module {
  BufferedImpl() {
    norm = register_module("norm", torch::nn::BatchNorm1d(4));
    weights = register_buffer("weights", torch::linspace(0, 1, 4));
  }
  at::Tensor forward(at::Tensor x) {
    return norm(x) * weights + torch::zeros_like(x) + x.new_full({4}, 0.5);
  }
  torch::nn::BatchNorm1d norm{nullptr};
  at::Tensor weights;
};
TORCH_MODULE(Buffered);

CROSSTRACE_REGISTER(BuffersAndLikes).module([] { return Buffered(); }).inputs([] {
  return torch::randn({3, 4});
});
ZOO_ENTRY(BuffersAndLikes, "good");

// On CUDA it runs in TF32 whatever the process says, and in no cell unless that is asked for.
CROSSTRACE_REGISTER(RecordedPrecision).module([] { return torch::nn::Conv2d(8, 4, 3); }).inputs([] {
  return torch::randn({1, 8, 6, 6});
});
ZOO_ENTRY(RecordedPrecision, "good").note("baked-precision", "aten::_convolution");

CROSSTRACE_REGISTER(FollowsItsInput)
    .script(R"(
def grid(self, like: Tensor, n: int) -> Tensor:
    return torch.arange(n, device=like.device, dtype=like.dtype)

def forward(self, x: Tensor) -> Tensor:
    total = torch.zeros([3], device=x.device)
    for i in range(2):
        total = total + self.grid(x, 3) * float(i)
    if x.dim() == 2:
        total = total + torch.ones([2, 1], device=x.device)
    return x + total
)")
    .inputs([] {
      return torch::randn({2, 3});
    });
ZOO_ENTRY(FollowsItsInput, "good");

// Made on the CPU, and moved to the input's device by a transfer that names a tensor.
CROSSTRACE_REGISTER(MovedBeforeUse)
    .function([](at::Tensor x) {
      const at::Tensor ramp = torch::arange(3, torch::TensorOptions(torch::kCPU));
      return x * ramp.to(x) + ramp.type_as(x);
    })
    .inputs([] {
      return torch::randn({2, 3});
    });
ZOO_ENTRY(MovedBeforeUse, "good").note("device-literal", "aten::arange");

// A number of the CPU in elementwise arithmetic.
CROSSTRACE_REGISTER(ScalarOfTheCpu)
    .function([](at::Tensor x) {
      const at::Tensor half = torch::full({}, 0.5, torch::TensorOptions(torch::kCPU));
      return torch::pow(torch::abs(x), half) + half;
    })
    .inputs([] {
      return torch::randn({2, 3});
    });
ZOO_ENTRY(ScalarOfTheCpu, "good").note("device-literal", "aten::full");

// Only its size is used.
CROSSTRACE_REGISTER(OnlyItsSize)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    template = torch.empty([2, 3])
    return x.reshape(template.size(0), template.size(1)) * float(template.numel())
)")
    .inputs([] { return torch::randn({6}); });
ZOO_ENTRY(OnlyItsSize, "good");

// A number computed on the CPU, out of tensors that never meet the input.
CROSSTRACE_REGISTER(NumberFromTheCpu)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    weights = torch.arange(4, device=torch.device("cpu"))
    scale = float((weights * weights).sum().item())
    return x * scale
)")
    .inputs([] { return torch::randn({6}); });
ZOO_ENTRY(NumberFromTheCpu, "good").note("device-literal", "aten::arange");

CROSSTRACE_REGISTER(FreshContainers)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    parts: List[Tensor] = []
    named: Dict[str, Tensor] = {}
    for i in range(3):
        parts.append(x * float(i))
    named["all"] = torch.cat(parts)
    named["ones"] = torch.ones_like(named["all"])
    first, second = named["all"], named["ones"]
    return torch.stack([first, second])
)")
    .inputs([] { return torch::randn({3}); });
ZOO_ENTRY(FreshContainers, "good");

}  // namespace
}  // namespace crosstrace::zoo
