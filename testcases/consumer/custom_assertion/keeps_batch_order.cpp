// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Each row of a batch is answered for itself: rows in another order are the same answers in that order.

#include <ATen/ATen.h>
#include <crosstrace/gtest/assertion.h>

CROSSTRACE_ASSERTION(KeepsBatchOrder) {
  crosstrace::Inputs inputs = cell.inputs();
  inputs[0] = inputs[0].toTensor().flip(0);
  const at::Tensor expected = cell.reference().toTensor().flip(0);
  EXPECT_THAT(cell.call(inputs), crosstrace::TensorNear(expected));
}
