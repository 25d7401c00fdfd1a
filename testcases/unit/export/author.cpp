// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>

#include "unit/export/authors.h"

namespace CROSSTRACE_TEST_AUTHOR_NAME {

const int kShiftLine = __LINE__ + 2;
static inline at::Tensor shift(const at::Tensor& x) {
  return x + at::arange(x.size(0), x.options());
}

const int kCallLine = __LINE__ + 1;
at::Tensor forward(const at::Tensor& x) { return shift(x.relu()) * 2; }

}  // namespace CROSSTRACE_TEST_AUTHOR_NAME
