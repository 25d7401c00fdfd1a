// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// CONST: a tensor that the trace captured. `to` leaves it behind, `load` moves it.

#include <torch/types.h>

#include "zoo/zoo.h"

namespace crosstrace::zoo {
namespace {

constexpr const char* kRule = "tensor-constant";

// A tensor of the CPU does not mix with inputs of another device, so only traces from the CPU are
// made; of those `to` does not move it.
CellFilter left_behind() { return !traced_on("cpu") || (moved() && transferred_by(Transfer::kTo)); }

at::Tensor captured(double first) { return torch::arange(3, torch::kFloat) + first; }

CROSSTRACE_REGISTER(CapturedMean)
    .function([mean = captured(0.5)](at::Tensor x) {
      return (x - mean.repeat({2, 1})) / 2;
    })
    .inputs([] {
      return torch::randn({2, 3});
    })
    .expect_failure(left_behind(), Verdict::kError, kMixed);
ZOO_ENTRY(CapturedMean, "CONST").error(kRule, "prim::Constant").automatic();

CROSSTRACE_REGISTER(CapturedInPlace)
    .function([](at::Tensor x) {
      return x * torch::tensor({1.F, 2.F, 3.F}, x.options());
    })
    .inputs([] {
      return torch::randn({4, 3});
    })
    .expect_failure(moved() && (transferred_by(Transfer::kTo) || !traced_on("cpu")),
                    Verdict::kError, kMixed);
ZOO_ENTRY(CapturedInPlace, "CONST")
    .error(kRule, "prim::Constant", 1, traced_on("cpu"))
    .error("transfer-literal", "aten::to", 1, !traced_on("cpu"))
    .automatic(traced_on("cpu"));  // Elsewhere its literals name two devices: which is its home?

CROSSTRACE_REGISTER(CapturedEmbedding)
    .function([weight = captured(0).unsqueeze(1).repeat({2, 4})](at::Tensor ids) {
      return torch::embedding(weight, ids);
    })
    .inputs([] {
      return torch::randint(0, 6, {2, 5}, torch::kLong);
    })
    .expect_failure(left_behind(), Verdict::kError, kMixed);
ZOO_ENTRY(CapturedEmbedding, "CONST").error(kRule, "prim::Constant").automatic();

// One tensor at two places.
CROSSTRACE_REGISTER(CapturedTwice)
    .function([shared = captured(1)](at::Tensor x, at::Tensor y) {
      return std::make_tuple(x * shared, torch::cat({y, shared}));
    })
    .inputs([] {
      return arguments(torch::randn({2, 3}), torch::randn({3}));
    })
    .expect_failure(left_behind(), Verdict::kError, kMixed);
ZOO_ENTRY(CapturedTwice, "CONST").error(kRule, "prim::Constant").automatic();

// index_select wants its index where the tensor is; indexing in brackets takes a CPU index.
CROSSTRACE_REGISTER(CapturedSelection)
    .function([](at::Tensor x) {
      static const at::Tensor index = torch::tensor({2, 0});
      return x.index_select(1, index);
    })
    .inputs([] {
      return torch::randn({2, 3});
    })
    .expect_failure(left_behind(), Verdict::kError, "on");
ZOO_ENTRY(CapturedSelection, "CONST").error(kRule, "prim::Constant").automatic();

CROSSTRACE_REGISTER(CapturedIndex)
    .function([](at::Tensor x) {
      static const at::Tensor index = torch::tensor({2, 0});
      return x.index({index}) * 2;
    })
    .inputs([] {
      return torch::randn({3, 3});
    });
ZOO_ENTRY(CapturedIndex, "good").note(kRule, "prim::Constant");

CROSSTRACE_REGISTER(CapturedScalar)
    .function([](at::Tensor x) {
      static const at::Tensor scale = torch::tensor(2.5F);
      return x * scale + scale;
    })
    .inputs([] {
      return torch::randn({3, 3});
    });
ZOO_ENTRY(CapturedScalar, "good").note(kRule, "prim::Constant");

// Copied into a tensor of the run device: `copy_` takes any pair of devices.
CROSSTRACE_REGISTER(CapturedAndCopied)
    .function([source = captured(2)](at::Tensor x) {
      return torch::zeros_like(x).copy_(source) + x;
    })
    .inputs([] {
      return torch::randn({2, 3});
    });
ZOO_ENTRY(CapturedAndCopied, "good").note(kRule, "prim::Constant");

}  // namespace
}  // namespace crosstrace::zoo
