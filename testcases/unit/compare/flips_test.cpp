// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/compare/detail/visit_dtype.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <type_traits>
#include <vector>

namespace crosstrace {
namespace {

template <class T>
double widened(T value) {
  if constexpr (std::is_same_v<T, double>)
    return value;
  else
    return static_cast<double>(static_cast<float>(value));
}

/// The next number of type T above a positive one.
template <class T>
T next(T value) {
  if constexpr (std::is_same_v<T, double>) {
    return std::nextafter(value, INFINITY);
  } else if constexpr (std::is_same_v<T, float>) {
    return std::nextafter(value, INFINITY);
  } else {
    return T(value.x + 1, T::from_bits());
  }
}

/// One element of a tensor is moved to just within the tolerance and just beyond it.
template <class T>
class Flips {
 public:
  /// A tolerance that no factor of T is, so that the limit lies between two numbers.
  explicit Flips(std::int64_t count)
      : expected_(at::rand({count}, c10::CppTypeToScalarType<T>::value) + 1),
        actual_(expected_ * (1 + kRtol / 4)) {}

  void expect_caught_at(std::int64_t position) {
    T& element = actual_.template mutable_data_ptr<T>()[position];
    const T kept = element;
    const T wanted = expected_.template const_data_ptr<T>()[position];
    T beyond = wanted;
    while (is_within(beyond, wanted)) element = beyond, beyond = next(beyond);
    EXPECT_TRUE(matches()) << position;
    element = beyond;
    const LeafComparison leaf = compare(actual_, expected_, options()).leaves.at(0);
    EXPECT_EQ(leaf.mismatched, 1) << position;
    EXPECT_EQ(leaf.worst_index, std::vector<std::int64_t>{position});
    element = kept;
  }

 private:
  static constexpr double kRtol = sizeof(T) == 2 ? 0.03 : std::is_same_v<T, float> ? 2e-6 : 5e-15;

  static CompareOptions options() { return {.tolerance = Tolerance(kRtol, kRtol / 3)}; }

  static bool is_within(T actual, T expected) {
    using Number = std::conditional_t<sizeof(T) == 2, float, double>;
    const auto a = static_cast<Number>(widened(actual)), e = static_cast<Number>(widened(expected));
    const Number product = static_cast<Number>(kRtol) * e;
    return std::abs(a - e) <= static_cast<Number>(kRtol / 3) + product;
  }

  bool matches() const { return compare(actual_, expected_, options()).matches(); }

  at::Tensor expected_, actual_;
};

template <class T>
class FlipsTest : public testing::Test {};
using Types = testing::Types<float, double, c10::Half, c10::BFloat16>;
TYPED_TEST_SUITE(FlipsTest, Types);

TYPED_TEST(FlipsTest, AreCaughtAnywhereInABlock) {
  Flips<TypeParam> flips(2500);  // more than a block, and the last vector is not whole
  for (std::int64_t position = 0; position < 2500; ++position) flips.expect_caught_at(position);
}

TYPED_TEST(FlipsTest, AreCaughtInEveryThreadsShare) {
  constexpr std::int64_t kCount = 300'001;
  Flips<TypeParam> flips(kCount);
  for (std::int64_t position = 0; position < kCount; position += 4999) {
    flips.expect_caught_at(position);
    flips.expect_caught_at(kCount - 1 - position);
  }
}

// Half a gigabyte and some seconds: its CTest entry has the label slow.
TEST(FlipsSlowTest, DISABLED_AreCaughtAnywhereIn64Mi) {
  constexpr std::int64_t kCount = 64 << 20;
  Flips<float> flips(kCount);
  std::set<std::int64_t> positions = {0, 1, kCount / 2 - 1, kCount / 2, kCount - 2, kCount - 1};
  for (int i = 0; i < 50; ++i) positions.insert(at::randint(kCount, {}).item<std::int64_t>());
  for (const std::int64_t position : positions) flips.expect_caught_at(position);
}

// Integers are exact: neighbours beyond 2^53, which one double holds, differ.
TEST(FlipsIntegerTest, AreCaughtAnywhereInABlock) {
  const at::Tensor expected = at::randint(std::int64_t{1} << 62, {2500}, at::kLong);
  at::Tensor actual = expected.clone();
  for (std::int64_t position = 0; position < 2500; ++position) {
    actual.mutable_data_ptr<std::int64_t>()[position] += 1;
    const LeafComparison leaf = compare(actual, expected).leaves.at(0);
    ASSERT_EQ(leaf.mismatched, 1);
    ASSERT_EQ(leaf.max_abs, 1);
    ASSERT_EQ(leaf.worst_index, std::vector<std::int64_t>{position});
    actual.mutable_data_ptr<std::int64_t>()[position] -= 1;
  }
}

}  // namespace
}  // namespace crosstrace
