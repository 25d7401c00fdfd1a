// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/compare.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace crosstrace {
namespace {

std::string message(const at::Tensor& actual, const at::Tensor& expected) {
  return compare(actual, expected).message();
}

TEST(CompareTensorTest, TellsAnotherShapeBeforeAnotherDtype) {
  const auto comparison = compare(at::zeros({2, 3}, at::kHalf), at::ones({3, 2}));
  EXPECT_EQ(comparison.difference(), Difference::kShape);
  EXPECT_EQ(comparison.message(), "output: shape [2, 3], expected [3, 2] (Half on cpu)");
}

TEST(CompareTensorTest, TellsAnotherDtypeBeforeOtherValues) {
  const auto comparison = compare(at::zeros({2}, at::kHalf), at::ones({2}));
  EXPECT_EQ(comparison.difference(), Difference::kDtype);
  EXPECT_EQ(comparison.message(), "output: dtype Half, expected Float ([2] on cpu)");
}

TEST(CompareTensorTest, DoesNotBroadcast) {
  EXPECT_EQ(compare(at::ones({1}), at::ones({3})).difference(), Difference::kShape);
  EXPECT_EQ(compare(at::ones({}), at::ones({1})).difference(), Difference::kShape);
}

TEST(CompareTensorTest, TakesZeroDimensions) {
  EXPECT_TRUE(compare(at::ones({}), at::ones({})).matches());
  EXPECT_EQ(message(at::full({}, 0.5), at::ones({})),
            "output: 1 of 1 element (100%) differs by more than rtol 1.3e-06, atol 1e-05 (Float "
            "[] on cpu)\n"
            "  greatest absolute difference 0.5 at [], allowed 1.13e-05\n"
            "  greatest relative difference 0.5 at [], allowed 1.13e-05\n"
            "  over atol: 1 element; over rtol: the same\n"
            "  smallest tolerance that matches: atol 0.5 (rtol 1.3e-06), or rtol 0.5 (atol 1e-05)\n"
            "  index: expected, actual, abs, rel\n"
            "  []: 1, 0.5, 0.5, 0.5");
}

TEST(CompareTensorTest, MatchesEmptyTensorsOfOneShape) {
  EXPECT_TRUE(compare(at::ones({0, 3}), at::ones({0, 3})).matches());
  EXPECT_EQ(compare(at::ones({0, 3}), at::ones({0, 2})).difference(), Difference::kShape);
}

TEST(CompareTensorTest, ReadsThroughStrides) {
  const auto base = at::arange(12, at::kFloat).view({3, 4});
  EXPECT_TRUE(compare(base.t(), base.t().contiguous()).matches());
  EXPECT_TRUE(compare(base.slice(1, 0, 4, 2), base.slice(1, 0, 4, 2).clone()).matches());
  EXPECT_TRUE(compare(at::ones({1}).expand({5}), at::ones({5})).matches());
  auto wrong = base.clone();
  wrong[1][2] = -1;
  EXPECT_EQ(compare(wrong.t(), base.t()).leaves[0].worst_index, (std::vector<std::int64_t>{2, 1}));
}

TEST(CompareTensorTest, ResolvesLazyConjugationAndNegation) {
  const auto base = at::complex(at::ones({2}), at::ones({2}));
  EXPECT_TRUE(compare(base.conj(), at::complex(at::ones({2}), -at::ones({2}))).matches());
  EXPECT_TRUE(compare(at::imag(base.conj()), -at::ones({2})).matches());
}

TEST(CompareTensorTest, TakesTensorsThatRequireGrad) {
  const auto leaf = at::ones({2}, at::TensorOptions().requires_grad(true));
  EXPECT_TRUE(compare(leaf * 2, at::full({2}, 2.0)).matches());
}

TEST(CompareTensorTest, RefusesTheMetaDevice) {
  const auto meta = at::ones({2}, at::kMeta);
  EXPECT_EQ(message(meta, at::ones({2})),
            "output: a tensor on the meta device holds no values to compare");
}

TEST(CompareTensorTest, RefusesNestedTensors) {
  const auto nested = at::_nested_tensor_from_tensor_list({at::ones({2}), at::ones({3})});
  EXPECT_EQ(message(nested, nested),
            "output: nested tensors cannot be compared; return a list of tensors instead");
}

TEST(CompareTensorTest, ShowsNoMoreThanFiveElementsTheWorstFirst) {
  const auto expected = at::arange(1, 11, at::kDouble);
  const auto text = message(expected + at::arange(10, at::kDouble), expected);
  EXPECT_EQ(text,
            "output: 9 of 10 elements (90%) differ by more than rtol 1e-07, atol 1e-07 (Double "
            "[10] on cpu)\n"
            "  greatest absolute difference 9 at [9], allowed 1.1e-06\n"
            "  greatest relative difference 0.9 at [9], allowed 1.1e-07\n"
            "  over atol: 9 elements; over rtol: the same\n"
            "  mean absolute difference 4.5, mean |expected| 5.5\n"
            "  by |expected|: 8 of 9 from 1 to 10, 1 of 1 from 10 to 100\n"
            "  smallest tolerance that matches: atol 9 (rtol 1e-07), or rtol 0.9 (atol 1e-07)\n"
            "  index: expected, actual, abs, rel\n"
            "  [9]: 10, 19, 9, 0.9\n"
            "  [8]: 9, 17, 8, 0.8888888888888888\n"
            "  [7]: 8, 15, 7, 0.875\n"
            "  [6]: 7, 13, 6, 0.8571428571428571\n"
            "  [5]: 6, 11, 5, 0.8333333333333334");
}

TEST(CompareTensorTest, NeverRoundsToAllOrNothing) {
  auto actual = at::zeros({100000});
  actual[3] = 1;
  EXPECT_THAT(message(actual, at::zeros({100000})),
              testing::StartsWith("output: 1 of 100000 elements (<0.01%) differs"));
  EXPECT_THAT(message(actual, at::ones({100000})),
              testing::StartsWith("output: 99999 of 100000 elements (>99.9%) differ"));
}

// Sizes around the width of a vector, a block and a thread's share.
TEST(CompareTensorTest, FindsOneWrongElementAnywhere) {
  for (const std::int64_t size : {1, 15, 16, 17, 2047, 2048, 2049, 65536, 65537, 200001}) {
    const auto expected = at::rand({size}) + 1;
    const auto close = expected * (1 + 2e-7);
    for (const std::int64_t position : {std::int64_t{0}, size / 2, size - 1}) {
      auto actual = close.clone();
      actual[position] = 7;
      const auto leaf = compare(actual, expected).leaves.at(0);
      ASSERT_EQ(leaf.mismatched, 1) << "size " << size << ", position " << position;
      ASSERT_EQ(leaf.worst_index, std::vector<std::int64_t>{position});
    }
    ASSERT_TRUE(compare(close, expected).matches()) << size;
  }
}

// |actual - expected| == atol matches, the next number does not; neither may be lost to rounding in
// the fast pass.
TEST(CompareTensorTest, IncludesTheLimit) {
  const CompareOptions options{.tolerance = Tolerance(0, 0.25)};
  const auto expected = at::zeros({64});
  EXPECT_TRUE(compare(at::full({64}, 0.25), expected, options).matches());
  const auto beyond = std::nextafter(0.25F, 1.0F);
  EXPECT_EQ(compare(at::full({64}, beyond), expected, options).leaves[0].mismatched, 64);
}

TEST(CompareTensorTest, FindsTheSameInEveryOrderOfThreads) {
  const auto expected = at::rand({500000}), actual = expected + 0.5;
  const auto first = message(actual, expected);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(message(actual, expected), first);
}

TEST(CompareQuantizedTest, MatchesItself) {
  const auto tensor = at::quantize_per_tensor(at::rand({4, 5}), 0.1, 3, at::kQInt8);
  EXPECT_TRUE(compare(tensor.clone(), tensor).matches());
  const auto scales = at::rand({5}, at::kDouble) + 0.1;
  const auto per_channel =
      at::quantize_per_channel(at::rand({4, 5}), scales, at::zeros({5}, at::kLong), 1, at::kQUInt8);
  EXPECT_TRUE(compare(per_channel.clone(), per_channel).matches());
}

TEST(CompareQuantizedTest, TellsAnotherNumber) {
  const auto expected = at::quantize_per_tensor(at::tensor({0.5F, 1.0F}), 0.5, 0, at::kQInt8);
  const auto actual = at::quantize_per_tensor(at::tensor({0.5F, 1.5F}), 0.5, 0, at::kQInt8);
  EXPECT_EQ(message(actual, expected),
            "output: 1 of 2 elements (50%) differs by more than rtol 1.3e-06, atol 1e-05 (QInt8 "
            "[2] on cpu)\n"
            "  greatest absolute difference 0.5 at [1], allowed 1.13e-05\n"
            "  greatest relative difference 0.5 at [1], allowed 1.13e-05\n"
            "  over atol: 1 element; over rtol: the same\n"
            "  smallest tolerance that matches: atol 0.5 (rtol 1.3e-06), or rtol 0.5 (atol 1e-05)\n"
            "  index: expected, actual, abs, rel\n"
            "  [1]: 1, 1.5, 0.5, 0.5");
}

TEST(CompareQuantizedTest, TellsAnotherScaleOrZeroPoint) {
  const auto values = at::tensor({0.5F, 1.0F});
  const auto expected = at::quantize_per_tensor(values, 0.5, 0, at::kQInt8);
  EXPECT_EQ(
      message(at::quantize_per_tensor(values, 0.25, 0, at::kQInt8), expected),
      "output.q_scale(): 1 of 1 element (100%) differs by more than rtol 1.3e-06, atol "
      "1e-05 (Double [] on cpu)\n"
      "  greatest absolute difference 0.25 at [], allowed 1.065e-05\n"
      "  greatest relative difference 0.5 at [], allowed 2.13e-05\n"
      "  over atol: 1 element; over rtol: the same\n"
      "  smallest tolerance that matches: atol 0.25 (rtol 1.3e-06), or rtol 0.5 (atol 1e-05)\n"
      "  index: expected, actual, abs, rel\n"
      "  []: 0.5, 0.25, 0.25, 0.5");
  EXPECT_THAT(message(at::quantize_per_tensor(values, 0.5, 1, at::kQInt8), expected),
              testing::StartsWith("output.q_zero_point(): 1 of 1 element (100%) differs (Long"));
}

TEST(CompareQuantizedTest, TellsAnotherChannelScaleOrScheme) {
  const auto values = at::rand({2, 2});
  const auto zeros = at::zeros({2}, at::kLong);
  const auto make = [&](double last_scale, int axis) {
    return at::quantize_per_channel(values, at::tensor({0.5, last_scale}), zeros, axis, at::kQInt8);
  };
  EXPECT_THAT(message(make(0.25, 0), make(0.5, 0)),
              testing::StartsWith("output.q_per_channel_scales(): 1 of 2 elements (50%) differs"));
  EXPECT_THAT(message(make(0.5, 1), make(0.5, 0)),
              testing::StartsWith("output.q_per_channel_axis(): 1 of 1 element (100%) differs"));
  EXPECT_EQ(message(at::quantize_per_tensor(values, 0.5, 0, at::kQInt8), make(0.5, 0)),
            "output: quantized per_tensor_affine, expected per_channel_affine (QInt8 [2, 2] on "
            "cpu)");
}

at::Tensor sparse(const std::vector<std::int64_t>& indices, const std::vector<float>& values) {
  return at::sparse_coo_tensor(at::tensor(indices).unsqueeze(0), at::tensor(values), {6});
}

TEST(CompareSparseTest, MatchesWhateverTheOrderOfIndices) {
  const auto comparison = compare(sparse({4, 1}, {2, 1}), sparse({1, 4}, {1, 2}));
  EXPECT_TRUE(comparison.matches()) << comparison.message();
  EXPECT_EQ(comparison.leaves.size(), 1);
}

TEST(CompareSparseTest, TellsOtherIndicesOrValues) {
  EXPECT_EQ(message(sparse({1, 5}, {1, 2}), sparse({1, 4}, {1, 2})),
            "output.indices(): 1 of 2 elements (50%) differs (Long [1, 2] on cpu)\n"
            "  greatest absolute difference 1 at [0, 1], allowed 0\n"
            "  greatest relative difference 0.25 at [0, 1], allowed 0\n"
            "  index: expected, actual, abs, rel\n"
            "  [0, 1]: 4, 5, 1, 0.25");
  EXPECT_THAT(message(sparse({1, 4}, {1, 3}), sparse({1, 4}, {1, 2})),
              testing::StartsWith("output.values(): 1 of 2 elements (50%) differs"));
  EXPECT_EQ(message(sparse({1}, {1}), sparse({1, 4}, {1, 2})),
            "output.indices(): shape [1, 1], expected [1, 2] (Long on cpu)");
}

TEST(CompareSparseTest, TellsAnotherLayout) {
  EXPECT_EQ(message(at::ones({6}), sparse({1}, {1})),
            "output: layout Strided, expected Sparse (Float [6] on cpu)");
}

TEST(CompareSparseTest, ComparesCompressedLayouts) {
  const auto dense = at::tensor({1.0F, 0.0F, 0.0F, 2.0F}).view({2, 2});
  auto other = dense.clone();
  other[1][1] = 3;
  EXPECT_TRUE(compare(dense.to_sparse_csr(), dense.to_sparse_csr()).matches());
  EXPECT_TRUE(compare(dense.to_sparse_csc(), dense.to_sparse_csc()).matches());
  EXPECT_THAT(message(other.to_sparse_csr(), dense.to_sparse_csr()),
              testing::StartsWith("output.values(): 1 of 2 elements (50%) differs"));
  EXPECT_THAT(message(dense.flip(0).to_sparse_csr(), dense.to_sparse_csr()),
              testing::StartsWith("output.col_indices(): 2 of 2 elements (100%) differ"));
}

}  // namespace
}  // namespace crosstrace
