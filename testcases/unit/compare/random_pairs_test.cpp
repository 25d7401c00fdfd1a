// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/compare/detail/visit_dtype.h>
#include <gtest/gtest.h>
#include <unit/compare/plain_comparison.h>
#include <unit/compare/random_pair.h>
#include <unit/compare/vector_passes.h>

namespace crosstrace {
namespace {

constexpr int kPairs = 10'000;

void expect_same(const PlainComparison& plain, const LeafComparison& leaf) {
  EXPECT_EQ(leaf.mismatched, plain.mismatched);
  EXPECT_EQ(leaf.nonfinite, plain.nonfinite);
  EXPECT_EQ(leaf.max_abs, plain.max_abs);
  EXPECT_EQ(leaf.max_rel, plain.max_rel);
  EXPECT_EQ(leaf.difference, plain.nonfinite > 0    ? Difference::kNonfinite
                             : plain.mismatched > 0 ? Difference::kValues
                                                    : Difference::kNone);
}

// Dtypes, strides, sizes of 0 to 4097 elements, tolerances, NaN and infinity as they come.
TEST(CompareRandomPairsTest, AgreesWithThePlainLoop) {
  RandomPairs pairs(20);
  int differing = 0, nonfinite = 0;
  for (int i = 0; i < kPairs && !HasFailure(); ++i) {
    const RandomPair pair = pairs.draw();
    SCOPED_TRACE(testing::Message() << "pair " << i << ": " << pair.description());
    const PlainComparison plain = compare_plainly(pair.actual, pair.expected, pair.tolerance);
    const Comparison comparison =
        compare(pair.actual, pair.expected, {.tolerance = pair.tolerance});
    expect_same(plain, comparison.leaves.at(0));
    differing += plain.mismatched > 0;
    nonfinite += plain.nonfinite > 0;
  }
  EXPECT_GT(differing, kPairs / 10);
  EXPECT_LT(differing, kPairs * 9 / 10);
  EXPECT_GT(nonfinite, kPairs / 50);
}

// As the test before, with each instruction set that this processor has.
TEST(CompareRandomPairsTest, AgreesWithThePlainLoopInEveryInstructionSet) {
  for (const auto& [name, passes] : vector_passes()) {
    RandomPairs pairs(21);
    for (int i = 0; i < kPairs / 2 && !HasFailure(); ++i) {
      const RandomPair pair = pairs.draw();
      const auto pass = pass_of(*passes, pair.expected.scalar_type());
      if (pass == nullptr) continue;
      SCOPED_TRACE(testing::Message() << name << ", pair " << i << ": " << pair.description());
      const auto actual = pair.actual.contiguous(), expected = pair.expected.contiguous();
      detail::Statistics found;
      pass(actual.const_data_ptr(), expected.const_data_ptr(), actual.numel(),
           {pair.tolerance.rtol(), pair.tolerance.atol()}, found);
      const PlainComparison plain = compare_plainly(actual, expected, pair.tolerance);
      EXPECT_EQ(found.mismatched, plain.mismatched);
      EXPECT_EQ(found.nonfinite, plain.nonfinite);
      EXPECT_EQ(found.max_abs, plain.max_abs);
      EXPECT_EQ(found.max_rel, plain.max_rel);
    }
  }
}

}  // namespace
}  // namespace crosstrace
