// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/bitwise.h>
#include <gtest/gtest.h>

#include <cmath>

namespace crosstrace {
namespace {

using c10::IValue;

IValue tuple(std::vector<IValue> elements) {
  return c10::ivalue::Tuple::create(std::move(elements));
}

TEST(BitwiseEqualTest, ComparesEveryBit) {
  const auto tensor = at::rand({100});
  auto other = tensor.clone();
  EXPECT_TRUE(bitwise_equal(tensor, other));
  other[99] = std::nextafter(other[99].item<float>(), 2.0F);
  EXPECT_FALSE(bitwise_equal(tensor, other));
}

TEST(BitwiseEqualTest, TellsZeroFromMinusZeroAndKnowsNan) {
  EXPECT_FALSE(bitwise_equal(at::zeros({1}), -at::zeros({1})));
  EXPECT_TRUE(bitwise_equal(at::full({2}, NAN), at::full({2}, NAN)));
  EXPECT_FALSE(bitwise_equal(0.0, -0.0));
  EXPECT_TRUE(bitwise_equal(std::nan(""), std::nan("")));
}

TEST(BitwiseEqualTest, TellsShapeDtypeAndLayoutApart) {
  EXPECT_FALSE(bitwise_equal(at::zeros({2, 3}), at::zeros({3, 2})));
  EXPECT_FALSE(bitwise_equal(at::zeros({2}, at::kInt), at::zeros({2})));
  EXPECT_FALSE(bitwise_equal(at::zeros({2}).to_sparse(), at::zeros({2})));
  EXPECT_TRUE(bitwise_equal(at::zeros({0}), at::zeros({0})));
}

TEST(BitwiseEqualTest, DoesNotMindStrides) {
  const auto tensor = at::rand({3, 4});
  EXPECT_TRUE(bitwise_equal(tensor.t(), tensor.t().contiguous()));
}

TEST(BitwiseEqualTest, LooksIntoQuantizedTensors) {
  const auto make = [](double scale) {
    return at::quantize_per_tensor(at::zeros({2}), scale, 0, at::kQInt8);
  };
  EXPECT_TRUE(bitwise_equal(make(0.5), make(0.5)));
  EXPECT_FALSE(bitwise_equal(make(0.5), make(0.25)));
}

TEST(BitwiseEqualTest, DescendsIntoContainers) {
  const auto value = tuple({at::ones({2}), c10::List<std::int64_t>({1, 2}), std::string("a")});
  EXPECT_TRUE(bitwise_equal(value, value.deepcopy()));
  EXPECT_FALSE(bitwise_equal(
      value, tuple({at::ones({2}), c10::List<std::int64_t>({1, 3}), std::string("a")})));
  EXPECT_FALSE(bitwise_equal(value, tuple({at::ones({2})})));
  EXPECT_FALSE(bitwise_equal(value, at::ones({2})));
}

TEST(BitwiseEqualTest, ComparesOtherValues) {
  EXPECT_TRUE(bitwise_equal(IValue(), IValue()));
  EXPECT_TRUE(bitwise_equal(3, 3));
  EXPECT_FALSE(bitwise_equal(3, 4));
  EXPECT_FALSE(bitwise_equal(true, false));
  EXPECT_FALSE(bitwise_equal(3, 3.0));
  EXPECT_FALSE(bitwise_equal(std::string("a"), std::string("b")));
  EXPECT_FALSE(bitwise_equal(c10::Device("cpu"), c10::Device("cuda:0")));
  EXPECT_TRUE(bitwise_equal(c10::complex<double>(1, 2), c10::complex<double>(1, 2)));
  EXPECT_FALSE(bitwise_equal(c10::complex<double>(1, 2), c10::complex<double>(1, 3)));
}

TEST(BitwiseEqualTest, TakesWhatItCannotLookIntoByIdentity) {
  const IValue generator = at::detail::getDefaultCPUGenerator();
  EXPECT_TRUE(bitwise_equal(generator, generator));
  EXPECT_FALSE(bitwise_equal(generator, at::detail::createCPUGenerator()));
  const auto meta = at::ones({2}, at::kMeta);
  EXPECT_TRUE(bitwise_equal(meta, meta));
  EXPECT_FALSE(bitwise_equal(meta, at::ones({2}, at::kMeta)));
}

}  // namespace
}  // namespace crosstrace
