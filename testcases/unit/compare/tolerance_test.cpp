// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/tolerance.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>

namespace crosstrace {
namespace {

using c10::ScalarType;

std::string refusal(double rtol, double atol) {
  try {
    Tolerance(rtol, atol);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ToleranceTest, KeepsBothValues) {
  const Tolerance tolerance(1e-3, 1e-5);
  EXPECT_EQ(tolerance.rtol(), 1e-3);
  EXPECT_EQ(tolerance.atol(), 1e-5);
}

TEST(ToleranceTest, AcceptsZeroForExactComparison) { EXPECT_EQ(refusal(0, 0), "accepted"); }

TEST(ToleranceTest, RejectsNegativeRtol) {
  EXPECT_EQ(refusal(-1e-3, 0), "Tolerance: rtol must be a finite number of at least 0, got -0.001");
}

TEST(ToleranceTest, RejectsNegativeAtol) {
  EXPECT_EQ(refusal(0, -2), "Tolerance: atol must be a finite number of at least 0, got -2");
}

TEST(ToleranceTest, RejectsNanAndInfinity) {
  EXPECT_EQ(refusal(std::numeric_limits<double>::quiet_NaN(), 0),
            "Tolerance: rtol must be a finite number of at least 0, got nan");
  EXPECT_EQ(refusal(0, std::numeric_limits<double>::infinity()),
            "Tolerance: atol must be a finite number of at least 0, got inf");
}

class DefaultToleranceTest : public testing::TestWithParam<std::tuple<ScalarType, double, double>> {
};

TEST_P(DefaultToleranceTest, IsThatOfTorchTesting) {
  const auto [dtype, rtol, atol] = GetParam();
  EXPECT_EQ(Tolerance::of(dtype).rtol(), rtol);
  EXPECT_EQ(Tolerance::of(dtype).atol(), atol);
}

INSTANTIATE_TEST_SUITE_P(AllDtypes, DefaultToleranceTest,
                         testing::Values(std::tuple(ScalarType::Half, 1e-3, 1e-5),
                                         std::tuple(ScalarType::BFloat16, 1.6e-2, 1e-5),
                                         std::tuple(ScalarType::Float, 1.3e-6, 1e-5),
                                         std::tuple(ScalarType::Double, 1e-7, 1e-7),
                                         std::tuple(ScalarType::ComplexHalf, 1e-3, 1e-5),
                                         std::tuple(ScalarType::ComplexFloat, 1.3e-6, 1e-5),
                                         std::tuple(ScalarType::ComplexDouble, 1e-7, 1e-7),
                                         std::tuple(ScalarType::QInt8, 1.3e-6, 1e-5),
                                         std::tuple(ScalarType::QUInt8, 1.3e-6, 1e-5),
                                         std::tuple(ScalarType::QInt32, 1.3e-6, 1e-5),
                                         std::tuple(ScalarType::QUInt4x2, 1.3e-6, 1e-5),
                                         std::tuple(ScalarType::QUInt2x4, 1.3e-6, 1e-5),
                                         std::tuple(ScalarType::Float8_e4m3fn, 0.0, 0.0),
                                         std::tuple(ScalarType::Float8_e5m2fnuz, 0.0, 0.0),
                                         std::tuple(ScalarType::Byte, 0.0, 0.0),
                                         std::tuple(ScalarType::Long, 0.0, 0.0),
                                         std::tuple(ScalarType::UInt64, 0.0, 0.0),
                                         std::tuple(ScalarType::Bool, 0.0, 0.0)));

}  // namespace
}  // namespace crosstrace
