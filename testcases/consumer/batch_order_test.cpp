// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// An assertion of a project's own, over every cell.

#include <crosstrace/gtest/portability_test.h>
#include <torch/torch.h>

class BatchOrder : public crosstrace::PortabilityTest {};

TEST_P(BatchOrder, IsKept) {
  crosstrace::Inputs inputs = cell().inputs();
  inputs[0] = inputs[0].toTensor().flip(0);
  EXPECT_THAT(cell().call(inputs), crosstrace::IsCloseTo(cell().reference().toTensor().flip(0)));
}
CROSSTRACE_INSTANTIATE(BatchOrder);
