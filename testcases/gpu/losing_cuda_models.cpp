// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Models that take a CUDA device with them, each in a way of its own, among models that do not.

#include <crosstrace/models/register.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <string>

namespace {

torch::Tensor some_input() { return torch::randn({4, 3}); }

/// A script that does `on_cuda` where x is on CUDA.
std::string on_cuda(const std::string& statement) {
  return "def forward(self, x: Tensor) -> Tensor:\n    if x.is_cuda:\n        " + statement +
         "\n    return x * 2\n";
}

}  // namespace

CROSSTRACE_REGISTER(AGood).module([] { return torch::nn::Linear(3, 5); }).inputs(some_input);

/// A device assert: an index far out of range.
CROSSTRACE_REGISTER(BAsserts)
    .script(on_cuda("return x + torch.index_select(x, 0, torch.full([4], 100000, dtype=4, "
                    "device=x.device)).sum()"))
    .inputs(some_input);

/// An illegal access: a view far behind the end of its storage.
CROSSTRACE_REGISTER(BReadsFarAway)
    .script(on_cuda("return x + torch._reshape_alias(x, [2], [68719476736]).sum()"))
    .inputs(some_input);

/// The same, and the answer is right: nothing reads what the bad kernel wrote.
CROSSTRACE_REGISTER(BWritesFarAway)
    .script(on_cuda("torch._reshape_alias(x, [2], [68719476736]).add_(1)"))
    .inputs(some_input);

/// Dies while it is traced on CUDA.
CROSSTRACE_REGISTER(BDiesInTrace)
    .function([](torch::Tensor x) {
      if (!x.is_cuda()) return x * 2;
      const auto far = torch::full({4}, 100000, x.options().dtype(torch::kLong));
      return x + torch::index_select(x, 0, far).sum();
    })
    .inputs(some_input);

CROSSTRACE_REGISTER(CGood).module([] { return torch::nn::Linear(3, 2); }).inputs(some_input);

TEST(Own, SeedsAndDraws) {
  torch::manual_seed(1);
  EXPECT_EQ(torch::rand({3}).size(0), 3);
}
