// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/compare/trust.h>
#include <crosstrace/devices/simulated/simulated_device.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crosstrace {
namespace {

const CompareOptions kOnCuda{.device = c10::Device("cuda:0")};

TEST(CompareDeviceTest, TellsRightValuesOnTheWrongDevice) {
  const auto comparison = compare(at::ones({2}), at::ones({2}), kOnCuda);
  EXPECT_EQ(comparison.difference(), Difference::kDevice);
  EXPECT_EQ(comparison.message(),
            "output: on cpu, expected cuda:0; its values are right (Float [2])");
  EXPECT_EQ(comparison.leaves[0].device, "cpu");
}

TEST(CompareDeviceTest, TellsWrongValuesFirst) {
  const auto comparison = compare(at::zeros({1}), at::ones({1}), kOnCuda);
  EXPECT_EQ(comparison.difference(), Difference::kValues);
  EXPECT_THAT(comparison.message(),
              testing::EndsWith("[0]: 1, 0, 1, 1\n  also on the wrong device: on cpu, expected "
                                "cuda:0"));
}

TEST(CompareDeviceTest, TellsAnotherShapeFirst) {
  EXPECT_EQ(compare(at::ones({1}), at::ones({2}), kOnCuda).message(),
            "output: shape [1], expected [2] (Float on cpu)\n"
            "  also on the wrong device: on cpu, expected cuda:0");
}

TEST(CompareDeviceTest, TellsASparseTensorOnTheWrongDevice) {
  const auto sparse = at::ones({2}).to_sparse();
  EXPECT_EQ(compare(sparse, sparse, kOnCuda).message(),
            "output: on cpu, expected cuda:0; its values are right (Float [2])");
}

TEST(CompareDeviceTest, DoesNotAskNumbersForADevice) {
  EXPECT_TRUE(compare(1.5, 1.5, kOnCuda).matches());
  EXPECT_TRUE(
      compare(c10::List<std::int64_t>({1}), c10::List<std::int64_t>({1}), kOnCuda).matches());
}

TEST(CompareDeviceTest, MatchesAnyIndexIfNoneIsGiven) {
  EXPECT_TRUE(compare(at::ones({1}), at::ones({1}), {.device = c10::Device("cpu")}).matches());
  EXPECT_TRUE(compare(c10::Device("cuda:1"), c10::Device("cuda")).matches());
  EXPECT_FALSE(compare(c10::Device("cuda:1"), c10::Device("cuda:0")).matches());
}

TEST(CompareDeviceTest, TakesADeviceValueOfTheReferenceForTheRunDevice) {
  EXPECT_TRUE(compare(c10::Device("cuda:0"), c10::Device("cpu"), kOnCuda).matches());
  const auto baked = compare(c10::Device("cpu"), c10::Device("cpu"), kOnCuda);
  EXPECT_EQ(baked.difference(), Difference::kDevice);
  EXPECT_EQ(baked.message(), "output: Device cpu, expected cuda:0");
}

class CompareOnTheSimulatedDeviceTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(install_simulated_device(), ""); }
};

TEST_F(CompareOnTheSimulatedDeviceTest, ReadsValuesThroughTheCpu) {
  const auto expected = at::rand({3, 4});
  const auto actual = expected.to(c10::Device("sim:1"));
  const CompareOptions options{.device = c10::Device("sim:1")};
  EXPECT_TRUE(compare(actual, expected, options).matches());
  EXPECT_TRUE(compare(actual.t(), expected.t(), options).matches());
  EXPECT_THAT(compare(actual + 1, expected, options).message(),
              testing::StartsWith("output: 12 of 12 elements (100%) differ by more than rtol "
                                  "1.3e-06, atol 1e-05 (Float [3, 4] on sim:1)"));
}

TEST_F(CompareOnTheSimulatedDeviceTest, TellsItsDevicesApart) {
  const auto expected = at::ones({2});
  EXPECT_EQ(compare(expected.to(c10::Device("sim:0")), expected, {.device = c10::Device("sim:1")})
                .message(),
            "output: on sim:0, expected sim:1; its values are right (Float [2])");
}

TEST_F(CompareOnTheSimulatedDeviceTest, ComparesTwoAnswersThere) {
  const auto here = at::rand({3}).to(c10::Device("sim:0"));
  EXPECT_TRUE(bitwise_equal(here, here.clone()));
  EXPECT_FALSE(bitwise_equal(here, here + 1));
  EXPECT_FALSE(bitwise_equal(here, here.cpu()));
  EXPECT_EQ(why_untrusted(here), "");
}

}  // namespace
}  // namespace crosstrace
