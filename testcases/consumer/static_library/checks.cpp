// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/gtest/matchers.h>

bool is_close(const at::Tensor& a, const at::Tensor& b) {
  return ::testing::Value(c10::IValue(a), crosstrace::TensorNear(b));
}
