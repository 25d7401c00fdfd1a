// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/compare/detail/details.h>
#include <gtest/gtest.h>
#include <unit/compare/plain_comparison.h>
#include <unit/compare/random_pair.h>
#include <unit/compare/vector_passes.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <utility>

namespace crosstrace {
namespace {

constexpr int kPairs = 10'000;

double in_double(const at::Tensor& tensor, std::int64_t i) {
  return tensor.const_data_ptr<double>()[i];
}

/// Of finite pairs: the sums of |actual - expected| and |expected|, in long double.
std::pair<double, double> plain_sums(const at::Tensor& actual, const at::Tensor& expected) {
  const auto a = actual.to(at::kDouble).contiguous(), e = expected.to(at::kDouble).contiguous();
  long double abs = 0, magnitude = 0;
  for (std::int64_t i = 0; i < a.numel(); ++i) {
    if (!std::isfinite(in_double(a, i)) || !std::isfinite(in_double(e, i))) continue;
    abs += std::abs(in_double(a, i) - in_double(e, i));
    magnitude += std::abs(in_double(e, i));
  }
  return {static_cast<double>(abs), static_cast<double>(magnitude)};
}

/// Runs the comparison again with each tolerance that the message advises.
void expect_good_advice(const RandomPair& pair, const std::string& message) {
  const auto at = message.find("smallest tolerance that matches: atol ");
  if (at == std::string::npos) return;
  double atol = 0, rtol = 0;
  const int found = std::sscanf(
      message.c_str() + at, "smallest tolerance that matches: atol %lf (rtol %*[^)]), or rtol %lf",
      &atol, &rtol);
  const auto matches = [&](double some_rtol, double some_atol) {
    return compare(pair.actual, pair.expected, {.tolerance = Tolerance(some_rtol, some_atol)})
        .matches();
  };
  const double rtol_now = pair.tolerance.rtol(), atol_now = pair.tolerance.atol();
  EXPECT_TRUE(matches(rtol_now, atol)) << message;
  EXPECT_FALSE(matches(rtol_now, atol * 0.98)) << message;
  if (found < 2) return;
  EXPECT_TRUE(matches(rtol, atol_now)) << message;
  EXPECT_FALSE(matches(rtol * 0.98, atol_now)) << message;
}

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

TEST(CompareRandomPairsTest, AddsUpAsThePlainLoop) {
  RandomPairs pairs(22);
  for (int i = 0; i < kPairs / 2 && !HasFailure(); ++i) {
    const RandomPair pair = pairs.draw();
    const auto dtype = pair.expected.scalar_type();
    if (dtype != at::kFloat && dtype != at::kDouble) continue;
    SCOPED_TRACE(testing::Message() << "pair " << i << ": " << pair.description());
    const auto spread = detail::collect_details(pair.actual.contiguous(),
                                                pair.expected.contiguous(), pair.tolerance)
                            .spread;
    const auto [abs, magnitude] = plain_sums(pair.actual, pair.expected);
    const double allowed = 4 * std::ldexp(1, -52) * std::sqrt(pair.actual.numel());
    EXPECT_LE(std::abs(spread.sum_abs - abs), allowed * abs);
    EXPECT_LE(std::abs(spread.sum_expected - magnitude), allowed * magnitude);
  }
}

TEST(CompareRandomPairsTest, AdvisesTheSmallestToleranceThatMatches) {
  RandomPairs pairs(23);
  int advised = 0;
  for (int i = 0; i < kPairs / 2 && !HasFailure(); ++i) {
    const RandomPair pair = pairs.draw();
    SCOPED_TRACE(testing::Message() << "pair " << i << ": " << pair.description());
    const auto comparison = compare(pair.actual, pair.expected, {.tolerance = pair.tolerance});
    expect_good_advice(pair, comparison.message());
    advised += comparison.message().find("smallest tolerance") != std::string::npos;
  }
  EXPECT_GT(advised, kPairs / 20);
}

// As the first test, with each instruction set that this processor has.
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
