// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/operators/operator_rules.h>
#include <gtest/gtest.h>

namespace crosstrace {
namespace {

TEST(OperatorRules, FollowLibTorchsTable) {
  ASSERT_NE(find_operator_rule("add.Tensor"), nullptr);
  EXPECT_EQ(find_operator_rule("add.Tensor")->device_check, DeviceCheck::kTensorIterator);
  EXPECT_EQ(find_operator_rule("add.Tensor")->cuda, KernelKind::kDirect)
      << "by structured_delegate and ufunc_inner_loop";
  EXPECT_EQ(find_operator_rule("mul.Tensor")->cuda, KernelKind::kDirect)
      << "by structured_delegate";
  EXPECT_EQ(find_operator_rule("index_select")->device_check, DeviceCheck::kSameDevice);
  EXPECT_EQ(find_operator_rule("view")->device_check, DeviceCheck::kUnchecked);
  EXPECT_EQ(find_operator_rule("matmul")->cuda, KernelKind::kComposite) << "no dispatch section";
  EXPECT_EQ(find_operator_rule("bernoulli.Tensor_out")->cuda, KernelKind::kComposite)
      << "by autogen";
  EXPECT_EQ(find_operator_rule("histogram.bin_ct")->cuda, KernelKind::kNone);
  EXPECT_EQ(find_operator_rule("histogram.bin_ct")->cpu, KernelKind::kDirect);
  EXPECT_EQ(find_operator_rule("_thnn_fused_lstm_cell")->cpu, KernelKind::kNone);
  EXPECT_EQ(find_operator_rule("no_such_operator"), nullptr);
}

}  // namespace
}  // namespace crosstrace
