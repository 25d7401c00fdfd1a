// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Comparison on a CUDA device, by its kernels and in chunks, held to the plain loop.

#include <ATen/ATen.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/compare/detail/device_library.h>
#include <crosstrace/devices/cuda_loader.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "unit/compare/plain_comparison.h"
#include "unit/compare/random_pair.h"

namespace crosstrace {
namespace {

constexpr int kPairs = 10'000;

class CompareOnCudaTest : public testing::Test {
 protected:
  void SetUp() override {
    const CudaLoad& cuda = load_cuda();
    if (!cuda.loaded) GTEST_SKIP() << "no CUDA device to compare on: " << cuda.reason;
    device_ = c10::Device("cuda:0");
  }

  /// @param other where the expected tensors are.
  void expect_plain_answers(c10::Device other) {
    RandomPairs pairs(26);
    for (int i = 0; i < kPairs && !HasFailure(); ++i) {
      const RandomPair pair = pairs.draw();
      SCOPED_TRACE(testing::Message() << "pair " << i << ": " << pair.description());
      const PlainComparison plain = compare_plainly(pair.actual, pair.expected, pair.tolerance);
      const LeafComparison leaf =
          compare(pair.actual.to(device_), pair.expected.to(other), {.tolerance = pair.tolerance})
              .leaves.at(0);
      EXPECT_EQ(leaf.mismatched, plain.mismatched);
      EXPECT_EQ(leaf.nonfinite, plain.nonfinite);
      EXPECT_EQ(leaf.max_abs, plain.max_abs);
      EXPECT_EQ(leaf.max_rel, plain.max_rel);
    }
  }

  c10::Device device_{c10::kCPU};
};

TEST_F(CompareOnCudaTest, AgreesWithThePlainLoopWhereBothAre) {
  if (detail::device_compare(device_) == nullptr) {
    GTEST_SKIP() << "no kernels: built without nvcc, or for a newer driver";
  }
  expect_plain_answers(device_);
}

/// Large enough for every thread to take many vectors, most of which a screen passes.
TEST_F(CompareOnCudaTest, AgreesWithThePlainLoopOnLargeArrays) {
  constexpr std::int64_t kCount = (10 << 20) + 13;
  for (const auto dtype : {at::kFloat, at::kHalf, at::kBFloat16, at::kDouble, at::kInt}) {
    for (const double noise : {0., 1e-7, 1e-3, 1.}) {
      SCOPED_TRACE(testing::Message() << dtype << ", noise " << noise);
      const at::Tensor values = at::randn({kCount}) * 100;
      at::Tensor expected = values.to(dtype);
      at::Tensor actual = (values * (1 + noise * at::randn({kCount}))).to(dtype);
      if (c10::isFloatingType(dtype)) {
        actual[kCount / 3] = std::nan("");
        expected[kCount / 2] = INFINITY;
        expected.slice(0, 0, kCount, 7).zero_();
      }
      const Tolerance tolerance = Tolerance::of(dtype);
      const PlainComparison plain = compare_plainly(actual, expected, tolerance);
      const LeafComparison leaf =
          compare(actual.to(device_), expected.to(device_), {.tolerance = tolerance}).leaves.at(0);
      EXPECT_EQ(leaf.mismatched, plain.mismatched);
      EXPECT_EQ(leaf.nonfinite, plain.nonfinite);
      EXPECT_EQ(leaf.max_abs, plain.max_abs);
      EXPECT_EQ(leaf.max_rel, plain.max_rel);
    }
  }
}

TEST_F(CompareOnCudaTest, AgreesWithThePlainLoopInChunks) { expect_plain_answers(c10::kCPU); }

TEST_F(CompareOnCudaTest, FindsOneWrongElementAnywhereIn64Mi) {
  constexpr std::int64_t kCount = 64 << 20;
  const at::Tensor expected = at::rand({kCount}, at::TensorOptions(device_)) + 1;
  at::Tensor actual = expected * (1 + 2e-7);
  EXPECT_TRUE(compare(actual, expected).matches());
  for (const std::int64_t position : {std::int64_t{0}, kCount / 2 + 1, kCount - 1}) {
    const at::Tensor kept = actual[position].clone();
    actual[position] = 7;
    const LeafComparison leaf = compare(actual, expected).leaves.at(0);
    EXPECT_EQ(leaf.mismatched, 1);
    EXPECT_EQ(leaf.worst_index, std::vector<std::int64_t>{position});
    EXPECT_EQ(compare(actual, expected.cpu()).leaves.at(0).mismatched, 1);
    actual[position] = kept;
  }
}

TEST_F(CompareOnCudaTest, SaysWhetherBitsAreEqualAsOnTheCpu) {
  RandomPairs pairs(27);
  for (int i = 0; i < 500; ++i) {
    const RandomPair pair = pairs.draw();
    SCOPED_TRACE(testing::Message() << "pair " << i << ": " << pair.description());
    const at::Tensor actual = pair.actual.to(device_), expected = pair.expected.to(device_);
    EXPECT_EQ(bitwise_equal(actual, expected), bitwise_equal(pair.actual, pair.expected));
    EXPECT_TRUE(bitwise_equal(actual, pair.actual.to(device_)));
  }
}

}  // namespace
}  // namespace crosstrace
