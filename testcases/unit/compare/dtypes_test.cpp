// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/compare.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace crosstrace {
namespace {

using c10::ScalarType;

at::Tensor tensor_of(const std::vector<double>& values, ScalarType dtype) {
  return at::tensor(values, at::kDouble).to(dtype);
}

/// What the comparison of [1, 2, 3] with [1, 2, 2] says, or [0, 1, 1] with [0, 1, 0] for bool.
struct DtypeCase {
  ScalarType dtype;
  std::string message;
};

void PrintTo(const DtypeCase& test_case, std::ostream* stream) {
  *stream << c10::toString(test_case.dtype);
}

class DtypeTest : public testing::TestWithParam<DtypeCase> {
 protected:
  static at::Tensor expected() { return tensor_of({1, 2, 2}, GetParam().dtype); }
  static at::Tensor actual() { return tensor_of({1, 2, 3}, GetParam().dtype); }
};

TEST_P(DtypeTest, MatchesItself) {
  const auto comparison = compare(expected().clone(), expected());
  EXPECT_TRUE(comparison.matches()) << comparison.message();
  EXPECT_EQ(comparison.message(), "");
  ASSERT_EQ(comparison.leaves.size(), 1);
  EXPECT_EQ(comparison.leaves[0].dtype, c10::toString(GetParam().dtype));
  EXPECT_EQ(comparison.leaves[0].total, 3);
  EXPECT_EQ(comparison.leaves[0].mismatched, 0);
}

TEST_P(DtypeTest, TellsAWrongElement) {
  const auto comparison = compare(actual(), expected());
  EXPECT_EQ(comparison.difference(), Difference::kValues);
  EXPECT_EQ(comparison.message(), GetParam().message);
  EXPECT_EQ(comparison.leaves[0].mismatched, 1);
  EXPECT_EQ(comparison.leaves[0].max_abs, 1);
  EXPECT_EQ(comparison.leaves[0].max_rel, 0.5);
  EXPECT_EQ(comparison.leaves[0].worst_index, std::vector<std::int64_t>{2});
}

std::string message(const std::string& dtype, const std::string& beyond, const std::string& allowed,
                    const std::string& allowed_rel, const std::string& advice,
                    const std::string& expected = "2", const std::string& actual = "3") {
  return "output: 1 of 3 elements (33.3%) differs" + beyond + " (" + dtype +
         " [3] on cpu)\n"
         "  greatest absolute difference 1 at [2], allowed " +
         allowed +
         "\n"
         "  greatest relative difference 0.5 at [2], allowed " +
         allowed_rel + advice +
         "\n"
         "  index: expected, actual, abs, rel\n"
         "  [2]: " +
         expected + ", " + actual + ", 1, 0.5";
}

std::string exact_message(const std::string& dtype) { return message(dtype, "", "0", "0", ""); }

std::string float8_message(const std::string& dtype) {
  return message(dtype, "", "0", "0",
                 "\n  smallest tolerance that matches: atol 1 (rtol 0), or rtol 0.5 (atol 0)");
}

/// The lines about the tolerance, where only the third element is beyond it.
std::string advice(const std::string& atol, const std::string& rtol_now,
                   const std::string& atol_now) {
  return "\n  over atol: 1 element; over rtol: the same"
         "\n  smallest tolerance that matches: atol " +
         atol + " (rtol " + rtol_now + "), or rtol 0.5 (atol " + atol_now + ")";
}

const std::string kBeyondHalf = " by more than rtol 0.001, atol 1e-05";
const std::string kBeyondFloat = " by more than rtol 1.3e-06, atol 1e-05";
const std::string kBeyondDouble = " by more than rtol 1e-07, atol 1e-07";
const std::string kHalfAdvice = advice("0.999", "0.001", "1e-05");
const std::string kFloatAdvice = advice("1", "1.3e-06", "1e-05");
const std::string kDoubleAdvice = advice("1", "1e-07", "1e-07");

INSTANTIATE_TEST_SUITE_P(
    All, DtypeTest,
    testing::Values(
        DtypeCase{at::kFloat, message("Float", kBeyondFloat, "1.26e-05", "6.3e-06", kFloatAdvice)},
        DtypeCase{at::kDouble, message("Double", kBeyondDouble, "3e-07", "1.5e-07", kDoubleAdvice)},
        DtypeCase{at::kHalf, message("Half", kBeyondHalf, "0.00201", "0.001005", kHalfAdvice)},
        DtypeCase{at::kBFloat16, message("BFloat16", " by more than rtol 0.016, atol 1e-05",
                                         "0.03201", "0.016005", advice("0.969", "0.016", "1e-05"))},
        DtypeCase{at::kFloat8_e4m3fn, float8_message("Float8_e4m3fn")},
        DtypeCase{at::kFloat8_e4m3fnuz, float8_message("Float8_e4m3fnuz")},
        DtypeCase{at::kFloat8_e5m2, float8_message("Float8_e5m2")},
        DtypeCase{at::kFloat8_e5m2fnuz, float8_message("Float8_e5m2fnuz")},
        DtypeCase{at::kComplexHalf, message("ComplexHalf", kBeyondHalf, "0.00201", "0.001005",
                                            kHalfAdvice, "2+0j", "3+0j")},
        DtypeCase{at::kComplexFloat, message("ComplexFloat", kBeyondFloat, "1.26e-05", "6.3e-06",
                                             kFloatAdvice, "2+0j", "3+0j")},
        DtypeCase{at::kComplexDouble, message("ComplexDouble", kBeyondDouble, "3e-07", "1.5e-07",
                                              kDoubleAdvice, "2+0j", "3+0j")},
        DtypeCase{at::kByte, exact_message("Byte")}, DtypeCase{at::kChar, exact_message("Char")},
        DtypeCase{at::kShort, exact_message("Short")}, DtypeCase{at::kInt, exact_message("Int")},
        DtypeCase{at::kLong, exact_message("Long")},
        DtypeCase{at::kUInt16, exact_message("UInt16")},
        DtypeCase{at::kUInt32, exact_message("UInt32")},
        DtypeCase{at::kUInt64, exact_message("UInt64")}),
    [](const auto& info) { return std::string(c10::toString(info.param.dtype)); });

TEST(CompareBoolTest, MatchesAndDiffers) {
  const auto expected = at::tensor({1, 0}, at::kInt).to(at::kBool);
  EXPECT_TRUE(compare(expected.clone(), expected).matches());
  EXPECT_EQ(compare(expected.logical_not(), expected).message(),
            "output: 2 of 2 elements (100%) differ (Bool [2] on cpu)\n"
            "  greatest absolute difference 1 at [0], allowed 0\n"
            "  greatest relative difference 1 at [0], allowed 0\n"
            "  index: expected, actual, abs, rel\n"
            "  [0]: true, false, 1, 1\n"
            "  [1]: false, true, 1, inf");
}

TEST(CompareIntegerTest, TellsNeighboursThatOneDoubleHolds) {
  const std::int64_t huge = (1LL << 60);
  EXPECT_EQ(compare(at::tensor({huge + 1}), at::tensor({huge})).message(),
            "output: 1 of 1 element (100%) differs (Long [1] on cpu)\n"
            "  greatest absolute difference 1 at [0], allowed 0\n"
            "  greatest relative difference 8.67361738e-19 at [0], allowed 0\n"
            "  index: expected, actual, abs, rel\n"
            "  [0]: 1152921504606846976, 1152921504606846977, 1, 8.67361738e-19");
}

TEST(CompareIntegerTest, MeasuresAcrossTheWholeRange) {
  using Limits = std::numeric_limits<std::int64_t>;
  const auto comparison = compare(at::tensor({Limits::min()}), at::tensor({Limits::max()}));
  EXPECT_EQ(comparison.leaves[0].max_abs, std::ldexp(1.0, 64));
}

TEST(CompareIntegerTest, TakesAToleranceIfGiven) {
  const auto expected = at::tensor({100, 200}), actual = at::tensor({101, 200});
  EXPECT_TRUE(compare(actual, expected, {.tolerance = Tolerance(0, 1)}).matches());
  EXPECT_FALSE(compare(actual, expected, {.tolerance = Tolerance(0, 0.5)}).matches());
}

TEST(CompareFloat8Test, ComparesTheScaleTypeToo) {
  const auto expected = tensor_of({1, 2, 4}, at::kFloat8_e8m0fnu);
  EXPECT_TRUE(compare(expected.clone(), expected).matches());
  EXPECT_EQ(compare(tensor_of({1, 2, 8}, at::kFloat8_e8m0fnu), expected).difference(),
            Difference::kValues);
}

TEST(CompareOpaqueDtypeTest, ComparesTheBytes) {
  const auto bytes = at::tensor({1, 2, 3}, at::kByte);
  const auto expected = bytes.view(at::kBits8), same = bytes.clone().view(at::kBits8);
  EXPECT_TRUE(compare(same, expected).matches());
  EXPECT_EQ(compare((bytes + 1).view(at::kBits8), expected).leaves[0].mismatched, 3);
}

TEST(CompareTest, TakesAnotherToleranceForAllDtypes) {
  const auto expected = at::ones({4}), actual = expected + 0.01;
  EXPECT_FALSE(compare(actual, expected).matches());
  EXPECT_TRUE(compare(actual, expected, {.tolerance = Tolerance(0.1, 0)}).matches());
  EXPECT_EQ(compare(actual, expected, {.tolerance = Tolerance(0.001, 0)}).message(),
            "output: 4 of 4 elements (100%) differ by more than rtol 0.001, atol 0 (Float [4] on "
            "cpu)\n"
            "  greatest absolute difference 0.00999999046 at [0], allowed 0.001\n"
            "  greatest relative difference 0.00999999046 at [0], allowed 0.001\n"
            "  over atol: 4 elements; over rtol: the same\n"
            "  smallest tolerance that matches: atol 0.009 (rtol 0.001), or rtol 0.01 (atol 0)\n"
            "  index: expected, actual, abs, rel\n"
            "  [0]: 1, 1.00999999, 0.00999999046, 0.00999999046\n"
            "  [1]: 1, 1.00999999, 0.00999999046, 0.00999999046\n"
            "  [2]: 1, 1.00999999, 0.00999999046, 0.00999999046\n"
            "  [3]: 1, 1.00999999, 0.00999999046, 0.00999999046");
}

TEST(CompareTest, MeasuresWhatMatchesToo) {
  const auto expected = at::full({100}, 2.0), actual = expected + 2e-6;
  const auto leaf = compare(actual, expected).leaves.at(0);
  EXPECT_EQ(leaf.difference, Difference::kNone);
  EXPECT_NEAR(leaf.max_abs, 2e-6, 3e-7);
  EXPECT_NEAR(leaf.max_rel, 1e-6, 2e-7);
  EXPECT_THAT(leaf.worst_index, testing::IsEmpty());
}

}  // namespace
}  // namespace crosstrace
