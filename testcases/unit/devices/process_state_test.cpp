// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <crosstrace/devices/process_state.h>
#include <gtest/gtest.h>

namespace crosstrace {
namespace {

TEST(ProcessStateScope, PutsBackWhatAModelSet) {
  at::Context& context = at::globalContext();
  const auto dtype = at::get_default_dtype();
  const int threads = at::get_num_threads();
  const bool mkldnn = context.userEnabledMkldnn();
  {
    const ProcessStateScope scope;
    c10::set_default_dtype(c10::scalarTypeToTypeMeta(at::kDouble));
    at::set_num_threads(threads + 1);
    context.setDeterministicAlgorithms(true, true);
    context.setDeterministicFillUninitializedMemory(false);
    context.setDeterministicCuDNN(true);
    context.setBenchmarkCuDNN(true);
    context.setUserEnabledMkldnn(!mkldnn);
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, at::kHalf);
    at::autocast::set_autocast_cache_enabled(false);
    at::GradMode::set_enabled(false);
    const at::Tensor x = at::ones({2, 2}, at::kFloat);
    EXPECT_EQ(x.matmul(x).scalar_type(), at::kHalf);
  }
  EXPECT_EQ(at::get_default_dtype(), dtype);
  EXPECT_EQ(at::get_num_threads(), threads);
  EXPECT_FALSE(context.deterministicAlgorithms());
  EXPECT_FALSE(context.deterministicAlgorithmsWarnOnly());
  EXPECT_TRUE(context.deterministicFillUninitializedMemory());
  EXPECT_FALSE(context.deterministicCuDNN());
  EXPECT_FALSE(context.benchmarkCuDNN());
  EXPECT_EQ(context.userEnabledMkldnn(), mkldnn);
  EXPECT_FALSE(at::autocast::is_autocast_enabled(at::kCPU));
  EXPECT_EQ(at::autocast::get_autocast_dtype(at::kCPU), at::kBFloat16);
  EXPECT_TRUE(at::autocast::is_autocast_cache_enabled());
  EXPECT_TRUE(at::GradMode::is_enabled());
}

}  // namespace
}  // namespace crosstrace
