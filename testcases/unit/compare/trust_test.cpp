// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/trust.h>
#include <gtest/gtest.h>

#include <cmath>

namespace crosstrace {
namespace {

using c10::IValue;

IValue tuple(std::vector<IValue> elements) {
  return c10::ivalue::Tuple::create(std::move(elements));
}

TEST(WhyUntrustedTest, TrustsElementsThatDiffer) {
  EXPECT_EQ(why_untrusted(at::arange(3)), "");
  EXPECT_EQ(why_untrusted(tuple({at::zeros({5}), at::arange(3)})), "");
}

TEST(WhyUntrustedTest, TrustsSingleValues) {
  EXPECT_EQ(why_untrusted(at::zeros({1})), "");
  EXPECT_EQ(why_untrusted(at::zeros({})), "");
  EXPECT_EQ(why_untrusted(0), "");
  EXPECT_EQ(why_untrusted(std::string("cat")), "");
  EXPECT_EQ(why_untrusted(tuple({at::zeros({5}), 0.5})), "");
}

TEST(WhyUntrustedTest, DistrustsConstants) {
  EXPECT_EQ(why_untrusted(at::zeros({2, 3})), "every output is constant: all 6 elements are 0");
  EXPECT_EQ(why_untrusted(at::full({4}, 0.25)),
            "every output is constant: all 4 elements are 0.25");
  EXPECT_EQ(why_untrusted(at::full({4}, NAN)), "every output is constant: all 4 elements are nan");
  EXPECT_EQ(why_untrusted(at::ones({1}).expand({512})),
            "every output is constant: all 512 elements are 1");
  EXPECT_EQ(why_untrusted(c10::List<bool>({true, true})),
            "every output is constant: all 2 elements are true");
}

TEST(WhyUntrustedTest, NamesEachConstantLeaf) {
  EXPECT_EQ(why_untrusted(tuple({at::zeros({5}), at::ones({5}), at::ones({0})})),
            "every output is constant: output[0] is 0 everywhere, output[1] is 1 everywhere");
  EXPECT_EQ(why_untrusted(tuple({at::zeros({2}), at::zeros({2}), at::zeros({2}), at::zeros({2})})),
            "every output is constant: output[0] is 0 everywhere, output[1] is 0 everywhere, "
            "output[2] is 0 everywhere, and 1 more");
}

TEST(WhyUntrustedTest, DistrustsEmptyOutputs) {
  EXPECT_EQ(why_untrusted(at::ones({0, 3})), "every output is empty");
  EXPECT_EQ(why_untrusted(tuple({at::ones({0}), at::ones({2, 0})})), "every output is empty");
}

TEST(WhyUntrustedTest, DistrustsNoOutputAtAll) {
  EXPECT_EQ(why_untrusted(IValue()), "the output holds no values");
  EXPECT_EQ(why_untrusted(tuple({})), "the output holds no values");
  EXPECT_EQ(why_untrusted(tuple({IValue(), at::Tensor()})), "the output holds no values");
}

TEST(WhyUntrustedTest, LooksIntoSparseAndQuantizedTensors) {
  EXPECT_EQ(why_untrusted(at::arange(1, 4, at::kFloat).to_sparse()), "");
  EXPECT_EQ(why_untrusted(at::quantize_per_tensor(at::zeros({2}), 0.5, 0, at::kQInt8)),
            "every output is constant: all 2 elements are 0");
}

}  // namespace
}  // namespace crosstrace
