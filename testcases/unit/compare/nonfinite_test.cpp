// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/compare.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace crosstrace {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

Comparison compare_floats(const std::vector<float>& actual, const std::vector<float>& expected) {
  return compare(at::tensor(actual), at::tensor(expected));
}

TEST(CompareNonfiniteTest, MatchesByPositionAndSign) {
  EXPECT_TRUE(compare_floats({1, kNan, kInf, -kInf}, {1, kNan, kInf, -kInf}).matches());
}

TEST(CompareNonfiniteTest, MatchesNanOfOtherBits) {
  EXPECT_TRUE(compare_floats({-kNan, 1}, {kNan, 1}).matches());
}

TEST(CompareNonfiniteTest, TellsNanWhereANumberIsExpected) {
  const auto comparison = compare_floats({1, kNan, 3}, {1, 2, 3});
  EXPECT_EQ(comparison.difference(), Difference::kNonfinite);
  EXPECT_EQ(comparison.leaves[0].nonfinite, 1);
  EXPECT_EQ(comparison.leaves[0].mismatched, 1);
  EXPECT_EQ(comparison.message(),
            "output: 1 of 3 elements (33.3%) is NaN or infinite on one side only, or of another "
            "sign (Float [3] on cpu)\n"
            "  of these NaN: 0 expected, 1 actual; infinite: 0 expected, 0 actual\n"
            "  index: expected, actual, abs, rel\n"
            "  [1]: 2, nan, nan, nan");
}

TEST(CompareNonfiniteTest, TellsANumberWhereNanIsExpected) {
  EXPECT_EQ(compare_floats({2}, {kNan}).message(),
            "output: 1 of 1 element (100%) is NaN or infinite on one side only, or of another "
            "sign (Float [1] on cpu)\n"
            "  of these NaN: 1 expected, 0 actual; infinite: 0 expected, 0 actual\n"
            "  index: expected, actual, abs, rel\n"
            "  [0]: nan, 2, nan, nan");
}

// The limit |expected| * rtol is infinite here: without care everything would match.
TEST(CompareNonfiniteTest, TellsANumberWhereInfinityIsExpected) {
  EXPECT_EQ(compare_floats({2}, {kInf}).difference(), Difference::kNonfinite);
}

TEST(CompareNonfiniteTest, TellsInfinityOfAnotherSign) {
  EXPECT_EQ(compare_floats({-kInf}, {kInf}).message(),
            "output: 1 of 1 element (100%) is NaN or infinite on one side only, or of another "
            "sign (Float [1] on cpu)\n"
            "  of these NaN: 0 expected, 0 actual; infinite: 1 expected, 1 actual\n"
            "  index: expected, actual, abs, rel\n"
            "  [0]: inf, -inf, inf, inf");
}

TEST(CompareNonfiniteTest, TellsFiniteMismatchesBesides) {
  EXPECT_EQ(compare_floats({kInf, 5, 3, kNan}, {1, 2, 3, kNan}).message(),
            "output: 1 of 4 elements (25%) is NaN or infinite on one side only, or of another "
            "sign (Float [4] on cpu)\n"
            "  of these NaN: 0 expected, 0 actual; infinite: 0 expected, 1 actual\n"
            "  1 finite element differs by more than rtol 1.3e-06, atol 1e-05\n"
            "  greatest absolute difference 3 at [1], allowed 1.26e-05\n"
            "  greatest relative difference 1.5 at [1], allowed 6.3e-06\n"
            "  over atol: 1 element; over rtol: the same\n"
            "  smallest tolerance that matches the finite ones: atol 3 (rtol 1.3e-06), or rtol 1.5 "
            "(atol 1e-05)\n"
            "  index: expected, actual, abs, rel\n"
            "  [0]: 1, inf, inf, inf\n"
            "  [1]: 2, 5, 3, 1.5");
}

TEST(CompareNonfiniteTest, TellsNanBehindOneOfOtherBitsInAnotherPlace) {
  EXPECT_EQ(compare_floats({kNan, 1}, {1, kNan}).leaves[0].nonfinite, 2);
}

TEST(CompareNonfiniteTest, KnowsTheNanOfFloat8) {
  const auto expected = at::tensor({1.0F, kNan}).to(at::kFloat8_e4m3fn);
  EXPECT_TRUE(compare(expected.clone(), expected).matches());
  EXPECT_EQ(compare(at::tensor({1.0F, 2.0F}).to(at::kFloat8_e4m3fn), expected).difference(),
            Difference::kNonfinite);
}

using Complex = c10::complex<double>;

Comparison compare_complex(Complex actual, Complex expected) {
  return compare(at::full({1}, actual, at::kComplexDouble),
                 at::full({1}, expected, at::kComplexDouble));
}

TEST(CompareNonfiniteTest, LooksAtEachComplexComponent) {
  EXPECT_TRUE(compare_complex({kNan, 1}, {kNan, 1}).matches());
  EXPECT_TRUE(compare_complex({1, kInf}, {1, kInf}).matches());
  EXPECT_EQ(compare_complex({kNan, 1}, {1, kNan}).difference(), Difference::kNonfinite);
  EXPECT_EQ(compare_complex({1, -kInf}, {1, kInf}).difference(), Difference::kNonfinite);
}

TEST(CompareNonfiniteTest, TellsTheFiniteComponentBesideAnInfiniteOne) {
  EXPECT_EQ(compare_complex({kInf, 3}, {kInf, 2}).message(),
            "output: 1 of 1 element (100%) differs by more than rtol 1e-07, atol 1e-07 "
            "(ComplexDouble [1] on cpu)\n"
            "  greatest absolute difference 1 at [0], allowed 3e-07\n"
            "  greatest relative difference 0.5 at [0], allowed 1.5e-07\n"
            "  index: expected, actual, abs, rel\n"
            "  [0]: inf+2j, inf+3j, 1, 0.5");
}

}  // namespace
}  // namespace crosstrace
