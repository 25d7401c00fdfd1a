// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/compare.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace crosstrace {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kOneOfFour =
    "output: 1 of 4 elements (25%) differs by more than rtol 1.3e-06, atol 1e-05 (Float [4] on "
    "cpu)";

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Reference 3 where 3.0003 is exact, beside 1000: an error of the reference of 3e-4.
class EvidenceTest : public ::testing::Test {
 protected:
  Comparison judge(const c10::IValue& actual, const c10::IValue& expected) {
    CompareOptions options;
    EvidenceOptions& evidence = options.evidence.emplace();
    evidence.may_be_tf32 = may_be_tf32_;
    evidence.referee = [this]() -> const Referee& {
      ++asked_;
      return referee_;
    };
    options.device = device_;
    return compare(actual, expected, options);
  }

  Comparison judge_last(double last) { return judge(with_last(last), reference_); }

  static at::Tensor with_last(double last) {
    return at::tensor({1000.0, 1.0, 2.0, last}, at::kDouble).to(at::kFloat);
  }

  static at::Tensor exact(double last) { return at::tensor({1000.0, 1.0, 2.0, last}, at::kDouble); }

  const at::Tensor reference_ = with_last(3);
  Referee referee_{exact(3.0003), with_last(3), ""};
  std::optional<c10::Device> device_;
  bool may_be_tf32_ = false;
  int asked_ = 0;
};

TEST_F(EvidenceTest, LetsNoisePassAndSaysHowMuchItIs) {
  const Comparison comparison = judge_last(3.0012);
  EXPECT_TRUE(comparison.matches());
  EXPECT_EQ(comparison.message(), "");
  const LeafComparison& leaf = comparison.leaves.at(0);
  EXPECT_EQ(leaf.mismatched, 1);
  ASSERT_TRUE(leaf.evidence);
  EXPECT_EQ(leaf.evidence->decided_by, Evidence::DecidedBy::kEvidence);
  EXPECT_EQ(leaf.evidence->referee, "float64 on cpu");
  EXPECT_NEAR(leaf.evidence->reference_error, 3e-4, 1e-6);
  EXPECT_NEAR(leaf.evidence->device_error, 9e-4, 1e-6);
  EXPECT_NEAR(leaf.evidence->factor, 3, 0.01);
  EXPECT_EQ(leaf.evidence->limit, 16);
  EXPECT_EQ(leaf.evidence->message, kOneOfFour + ", within 3 times the CPU's own error, limit 16");
}

TEST_F(EvidenceTest, FailsBeyondTheLimitAndSaysHowManyTimesTheNoise) {
  const Comparison comparison = judge_last(3.0303);
  EXPECT_EQ(comparison.difference(), Difference::kValues);
  EXPECT_EQ(first_line(comparison.message()),
            kOneOfFour + ", 100 times the CPU's own error, limit 16");
  EXPECT_THAT(comparison.message(), HasSubstr("\n  greatest absolute difference 0.03"));
  EXPECT_TRUE(judge_last(3.0003 + 15.9 * 3e-4).matches());
  EXPECT_FALSE(judge_last(3.0003 + 16.1 * 3e-4).matches());
}

TEST_F(EvidenceTest, CountsRoundingWhereTheReferenceIsExact) {
  referee_.in_float64 = exact(3);
  const double rounding = 1000 * std::ldexp(1, -23);
  EXPECT_EQ(judge_last(3 + 8 * rounding).leaves.at(0).evidence->message,
            kOneOfFour + ", within 8 times the rounding of Float, limit 16");
  EXPECT_EQ(first_line(judge_last(3 + 20 * rounding).message()),
            kOneOfFour + ", 20 times the rounding of Float, limit 16");
}

TEST_F(EvidenceTest, AsksNobodyWithinRtolAndAtol) {
  EXPECT_TRUE(judge_last(3.000001).matches());
  EXPECT_EQ(asked_, 0);
  EXPECT_FALSE(judge(at::tensor({1, 2}), at::tensor({1, 3})).matches());
  EXPECT_FALSE(judge(at::ones({2}, at::kBool), at::zeros({2}, at::kBool)).matches());
  EXPECT_EQ(asked_, 0);
  EXPECT_FALSE(judge(at::tensor({1, 2}), at::tensor({1, 3})).leaves.at(0).evidence);
}

TEST_F(EvidenceTest, HasNoRefereeFarFromTheReference) {
  referee_ = {exact(5), with_last(3), ""};
  const Comparison comparison = judge_last(3.001);
  EXPECT_FALSE(comparison.matches());
  EXPECT_EQ(first_line(comparison.message()),
            kOneOfFour +
                "; no float64 referee: it is 0.002 of the greatest |value| away from the "
                "CPU's answer, more than 0.001");
  const Evidence& evidence = *comparison.leaves.at(0).evidence;
  EXPECT_EQ(evidence.decided_by, Evidence::DecidedBy::kTolerance);
  EXPECT_THAT(evidence.referee, StartsWith("none: it is 0.002"));
  EXPECT_TRUE(std::isnan(evidence.factor));
}

TEST_F(EvidenceTest, NeverExcusesWhatWouldMakeItNoReferee) {
  referee_ = {exact(3.8), with_last(3), ""};  // 0.8 of 1000, so 16 times that would be 1.28 %.
  const Comparison comparison = judge_last(3.8 + 1.2);
  EXPECT_EQ(first_line(comparison.message()),
            kOneOfFour + ", 1.5 times the CPU's own error, limit 1.25");
  EXPECT_TRUE(judge_last(3.8 + 0.9).matches());
}

TEST_F(EvidenceTest, HasNoRefereeWhereTheExportIsNotTheModel) {
  referee_ = {exact(3.5), with_last(3.5), ""};  // In its own precision it answers 3.5 as well.
  EXPECT_EQ(first_line(judge_last(3.5).message()),
            kOneOfFour +
                "; no float64 referee: the CPU's answer is 4194 times the export's own "
                "error away from it, so the export computes something else");
}

TEST_F(EvidenceTest, SaysWhyThereIsNoReferee) {
  const auto why = [&] {
    return first_line(judge_last(3.001).message()).substr(kOneOfFour.size());
  };
  referee_.why_not = "the export draws random numbers";
  EXPECT_EQ(why(), "; no float64 referee: the export draws random numbers");
  referee_ = {exact(3).view({2, 2}), with_last(3), ""};
  EXPECT_EQ(why(), "; no float64 referee: its output has another shape, [2, 2]");
  referee_ = {with_last(3), with_last(3), ""};
  EXPECT_EQ(why(), "; no float64 referee: its output is Float");
  referee_ = {c10::ivalue::Tuple::create(exact(3)), with_last(3), ""};
  EXPECT_EQ(why(), "; no float64 referee: the export has no such output on the CPU");
  referee_ = {exact(std::numeric_limits<double>::infinity()), with_last(3), ""};
  EXPECT_EQ(why(), "; no float64 referee: it is NaN or infinite where the reference is finite");
}

TEST_F(EvidenceTest, NeverExcusesNanOrInfinity) {
  EXPECT_EQ(judge_last(std::nan("")).difference(), Difference::kNonfinite);
  EXPECT_EQ(judge_last(std::numeric_limits<double>::infinity()).difference(),
            Difference::kNonfinite);
  EXPECT_EQ(asked_, 0);
}

TEST_F(EvidenceTest, LeavesOutWhereBothSidesAreNanOrInfinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto with_ends = [&](double third, at::ScalarType dtype) {
    return at::tensor({1000.0, std::nan(""), third, infinity}, at::kDouble).to(dtype);
  };
  referee_ = {with_ends(3.0003, at::kDouble), with_ends(3, at::kFloat), ""};
  referee_.in_float64.toTensor()[3] = 1e39;  // Only in float32 does it overflow.
  const auto expected = with_ends(3, at::kFloat);
  EXPECT_TRUE(judge(with_ends(3.0012, at::kFloat), expected).matches());
  EXPECT_FALSE(judge(with_ends(3.0303, at::kFloat), expected).matches());
}

TEST_F(EvidenceTest, TakesComplexNumbersByParts) {
  const auto complex = [](double imaginary, at::ScalarType dtype) {
    return at::complex(at::tensor({1000.0, 1.0}, at::kDouble),
                       at::tensor({0.0, imaginary}, at::kDouble))
        .to(dtype);
  };
  referee_ = {complex(3.0003, at::kComplexDouble), complex(3, at::kComplexFloat), ""};
  const auto expected = complex(3, at::kComplexFloat);
  EXPECT_TRUE(judge(complex(3.0012, at::kComplexFloat), expected).matches());
  EXPECT_FALSE(judge(complex(3.0303, at::kComplexFloat), expected).matches());
}

TEST_F(EvidenceTest, KnowsTheRoundingOfHalfAndBFloat16) {
  for (const auto dtype : {at::kHalf, at::kBFloat16}) {
    const double epsilon = std::ldexp(1, dtype == at::kHalf ? -10 : -7);
    const auto of = [&](double last) { return at::tensor({1.0, last}, at::kDouble).to(dtype); };
    referee_ = {at::tensor({1.0, 0.25}, at::kDouble), of(0.25), ""};
    EXPECT_TRUE(judge(of(0.25 + 8 * epsilon), of(0.25)).matches()) << dtype;
    EXPECT_FALSE(judge(of(0.25 + 24 * epsilon), of(0.25)).matches()) << dtype;
  }
}

TEST_F(EvidenceTest, ReachesNestedOutputsNumbersAndSparseValues) {
  const auto nested = [](const at::Tensor& tensor, double number) {
    c10::Dict<std::string, at::Tensor> dict;
    dict.insert("boxes", tensor);
    return c10::ivalue::Tuple::create({c10::IValue(dict), c10::IValue(number),
                                       c10::IValue(std::vector<double>{1000, number}),
                                       tensor.to_sparse()});
  };
  referee_ = {nested(exact(3.0003), 3 + 3e-7), nested(with_last(3), 3), ""};
  const c10::IValue expected = nested(with_last(3), 3);
  const Comparison comparison = judge(nested(with_last(3.0012), 3 + 9e-7), expected);
  EXPECT_TRUE(comparison.matches()) << comparison.message();
  EXPECT_EQ(asked_, 4);
  const std::string number =
      first_line(judge(nested(with_last(3.0012), 3 + 9e-6), expected).message());
  EXPECT_THAT(number, StartsWith("output[1]: float 3.000009, expected 3 (absolute difference "));
  EXPECT_THAT(number, EndsWith("allowed 4e-07), 29 times the CPU's own error, limit 16"));
  EXPECT_THAT(judge(nested(with_last(3.0303), 3), expected).message(),
              HasSubstr("output[0][\"boxes\"]: 1 of 4 elements (25%) differs by more than rtol "
                        "1.3e-06, atol 1e-05 (Float [4] on cpu), 100 times the CPU's own error, "
                        "limit 16"));
}

TEST_F(EvidenceTest, DoesNotHideTheWrongDevice) {
  device_ = c10::Device(c10::kMeta);
  const Comparison comparison = judge_last(3.0012);
  EXPECT_EQ(comparison.difference(), Difference::kDevice);
  EXPECT_EQ(comparison.message(),
            "output: on cpu, expected meta; its values are right (Float [4])");
}

TEST_F(EvidenceTest, SuspectsTf32OnlyWhereItMayBe) {
  EXPECT_THAT(judge_last(3.03).message(), Not(HasSubstr("TF32")));
  may_be_tf32_ = true;
  EXPECT_EQ(first_line(judge_last(3.0303).message()),
            kOneOfFour + ", 100 times the CPU's own error, limit 16; TF32 is possible");
  EXPECT_THAT(judge_last(30).message(), Not(HasSubstr("TF32")));  // 90,000 times the noise.
}

TEST_F(EvidenceTest, CatchesOneElementOfTenMillion) {
  const at::Tensor truth = at::linspace(-1000, 1000, 10'000'000, at::kDouble);
  const at::Tensor reference = truth.to(at::kFloat);
  referee_ = {truth, reference, ""};
  const double noise = 1000 * std::ldexp(1, -23);
  at::Tensor device = reference + 3 * noise;
  EXPECT_TRUE(judge(device, reference).matches());
  EXPECT_EQ(asked_, 1);
  device[7'000'000] += 64 * noise;
  const Comparison one_off = judge(device, reference);
  EXPECT_FALSE(one_off.matches());
  EXPECT_THAT(first_line(one_off.message()),
              HasSubstr(", 67 times the rounding of Float, limit 16"));
  EXPECT_THAT(one_off.message(), HasSubstr(" at [7000000], allowed "));
}

}  // namespace
}  // namespace crosstrace
