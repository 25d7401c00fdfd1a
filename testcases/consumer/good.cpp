// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// A model that answers alike everywhere. Every consumer project tests it beside one that does not.

#include <ATen/ops/randn.h>
#include <crosstrace/models/register.h>

CROSSTRACE_REGISTER(Good).function([](at::Tensor x) { return x.mul(2); }).inputs([] {
  return at::randn({2, 3});
});
