// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/compare.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string message(const at::Tensor& actual, const at::Tensor& expected,
                    std::optional<Tolerance> tolerance = std::nullopt) {
  return compare(actual, expected, {.tolerance = tolerance}).message();
}

// The whole text of a failure that has everything: small numbers off by more than rtol, great ones
// by more than atol, and some off by both.
TEST(CompareSpreadTest, AnswersWhatNow) {
  const auto expected = at::tensor({0.001, 0.002, 0.5, 2.0, 3.0, 4.0, 50.0, 60.0, 700.0, 7000.0});
  const auto off = at::tensor({0.02, 0.003, 0.22, 0.0, 0.25, 0.5, 0.3, 8.0, 9.0, 100.5});
  EXPECT_EQ(
      message(expected + off, expected, Tolerance(0.01, 0.1)),
      "output: 6 of 10 elements (60%) differ by more than rtol 0.01, atol 0.1 (Double [10] on "
      "cpu)\n"
      "  greatest absolute difference 100.5 at [9], allowed 70.1\n"
      "  greatest relative difference 0.43999999999999995 at [2], allowed 0.21\n"
      "  over atol: 7 elements, 6 of them over rtol too; over rtol: 8 elements, 6 of them "
      "over atol too\n"
      "  mean absolute difference 11.8793, mean |expected| 781.9503\n"
      "  by |expected|: 1 of 1 from 0.1 to 1, 2 of 3 from 1 to 10, 1 of 2 from 10 to 100, 1 of "
      "1 from 100 to 1000, 1 of 1 from 1000 to 10000\n"
      "  smallest tolerance that matches: atol 30.6 (rtol 0.01), or rtol 0.241 (atol 0.1)\n"
      "  index: expected, actual, abs, rel\n"
      "  [7]: 60, 68, 8, 0.13333333333333333\n"
      "  [5]: 4, 4.5, 0.5, 0.125\n"
      "  [2]: 0.5, 0.72, 0.21999999999999997, 0.43999999999999995\n"
      "  [4]: 3, 3.25, 0.25, 0.08333333333333333\n"
      "  [9]: 7000, 7100.5, 100.5, 0.014357142857142857");
}

TEST(CompareSpreadTest, HasNoRtolWhereZeroWasExpected) {
  EXPECT_THAT(
      message(at::tensor({1.5F, 0.25F}), at::tensor({1.0F, 0.0F})),
      HasSubstr("\n  smallest tolerance that matches: atol 0.5 (rtol 1.3e-06), and no rtol, "
                "since zero was expected\n"));
}

TEST(CompareSpreadTest, AdvisesNoToleranceForExactIntegersOrNan) {
  EXPECT_THAT(message(at::tensor({1, 3}), at::tensor({1, 2})), Not(HasSubstr("smallest")));
  EXPECT_THAT(
      message(at::tensor({1, 30}), at::tensor({1, 20}), Tolerance(0, 2)),
      HasSubstr("smallest tolerance that matches: atol 10 (rtol 0), or rtol 0.401 (atol 2)"));
  EXPECT_THAT(message(at::tensor({1.0F, NAN}), at::tensor({1.0F, 2.0F})),
              Not(HasSubstr("smallest")));
}

TEST(CompareSpreadTest, CountsByMagnitude) {
  const auto expected = at::pow(10, at::arange(-20, 20, at::kDouble));
  EXPECT_THAT(message(expected * 2, expected, Tolerance(0, 0)),
              HasSubstr("\n  by |expected|: 28 of 28 below 1e+08, 1 of 1 from 1e+08 to 1e+09, "));
  EXPECT_THAT(message(at::ones({8}), at::zeros({8})),
              HasSubstr("\n  by |expected|: 8 of 8 zeros\n"));
  const auto tiny = at::full({8}, 1e-13, at::kDouble);
  EXPECT_THAT(message(tiny + 1, tiny), HasSubstr("\n  by |expected|: 8 of 8 below 1e-11\n"));
  const auto great = at::full({8}, 1e13, at::kDouble);
  EXPECT_THAT(message(great * 2, great), HasSubstr("\n  by |expected|: 8 of 8 from 1e+12 on\n"));
}

}  // namespace
}  // namespace crosstrace
