// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

bool is_close(const at::Tensor& a, const at::Tensor& b);

TEST(Mine, Works) { EXPECT_TRUE(is_close(at::zeros({2}), at::zeros({2}))); }
