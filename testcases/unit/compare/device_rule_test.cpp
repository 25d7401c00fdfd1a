// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/detail/element_rule.h>
#include <crosstrace/compare/detail/element_screen.h>
#include <gtest/gtest.h>
#include <unit/compare/plain_comparison.h>
#include <unit/compare/random_pair.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace crosstrace {
namespace {

constexpr int kPairs = 10'000;

/// As a GPU does it: each thread takes every so many elements, and findings are merged in a tree.
template <class Element>
PlainComparison in_threads(const at::Tensor& actual, const at::Tensor& expected,
                           const Tolerance& tolerance, std::int64_t threads) {
  using T = typename Element::T;
  using Number = typename Element::Number;
  const auto* a = static_cast<const T*>(actual.const_data_ptr());
  const auto* e = static_cast<const T*>(expected.const_data_ptr());
  const detail::ElementLimits<Number> limits{static_cast<Number>(tolerance.rtol()),
                                             static_cast<Number>(tolerance.atol())};
  std::vector<detail::Findings<Number>> found(threads);
  for (std::int64_t thread = 0; thread < threads; ++thread) {
    detail::Screen screen = detail::screen_of(limits);
    for (std::int64_t i = thread; i < actual.numel(); i += threads) {
      if constexpr (Element::kIsScreened) {
        if (detail::changes_nothing<Element>(screen, a[i], e[i])) continue;
      }
      Element::add(found[thread], a[i], e[i], limits);
      raise(screen, found[thread]);
    }
  }
  for (std::int64_t step = threads / 2; step > 0; step /= 2) {
    for (std::int64_t thread = 0; thread < step; ++thread) {
      detail::merge(found[thread], found[thread + step]);
    }
  }
  return {static_cast<std::int64_t>(found[0].mismatched),
          static_cast<std::int64_t>(found[0].nonfinite), found[0].max_abs, found[0].max_rel};
}

/// Nothing for dtypes of which there is no kernel.
std::optional<PlainComparison> as_a_device(const RandomPair& pair, std::int64_t threads) {
  using enum c10::ScalarType;
  const auto run = [&]<class Element>(std::type_identity<Element>) {
    return in_threads<Element>(pair.actual.contiguous(), pair.expected.contiguous(), pair.tolerance,
                               threads);
  };
  switch (pair.expected.scalar_type()) {
#define CROSSTRACE_CASE(dtype, ...) \
  case dtype:                       \
    return run(std::type_identity<detail::__VA_ARGS__>());
    CROSSTRACE_CASE(Float, FloatingElement<float>)
    CROSSTRACE_CASE(Double, FloatingElement<double>)
    CROSSTRACE_CASE(Half, HalfElement)
    CROSSTRACE_CASE(BFloat16, BFloat16Element)
    CROSSTRACE_CASE(Char, IntegerElement<std::int8_t>)
    CROSSTRACE_CASE(Short, IntegerElement<std::int16_t>)
    CROSSTRACE_CASE(Int, IntegerElement<std::int32_t>)
    CROSSTRACE_CASE(Long, IntegerElement<std::int64_t>)
    CROSSTRACE_CASE(Byte, IntegerElement<std::uint8_t>)
    CROSSTRACE_CASE(Bool, IntegerElement<std::uint8_t>)
    CROSSTRACE_CASE(UInt16, IntegerElement<std::uint16_t>)
    CROSSTRACE_CASE(UInt32, IntegerElement<std::uint32_t>)
    CROSSTRACE_CASE(UInt64, IntegerElement<std::uint64_t>)
#undef CROSSTRACE_CASE
    default:
      return std::nullopt;
  }
}

// What a kernel is made of, compiled for the CPU.
TEST(DeviceRuleTest, AgreesWithThePlainLoop) {
  RandomPairs pairs(24);
  int compared = 0;
  for (int i = 0; compared < kPairs && !HasFailure(); ++i) {
    const RandomPair pair = pairs.draw();
    const auto found = as_a_device(pair, std::int64_t{1} << (i % 9));
    if (!found) continue;
    ++compared;
    SCOPED_TRACE(testing::Message() << "pair " << i << ": " << pair.description());
    const PlainComparison plain = compare_plainly(pair.actual, pair.expected, pair.tolerance);
    EXPECT_EQ(found->mismatched, plain.mismatched);
    EXPECT_EQ(found->nonfinite, plain.nonfinite);
    EXPECT_EQ(found->max_abs, plain.max_abs);
    EXPECT_EQ(found->max_rel, plain.max_rel);
  }
}

// Most of a tensor is told in the few operations of the screen.
TEST(DeviceRuleTest, ScreensWhatChangesNothing) {
  const at::Tensor expected = at::randn({100'000}), actual = expected * (1 + 1e-7);
  const detail::ElementLimits<double> limits{1.3e-6, 1e-5};
  detail::Findings<double> found;
  detail::Screen screen = detail::screen_of(limits);
  int closely = 0;
  for (std::int64_t i = 0; i < expected.numel(); ++i) {
    const float a = actual.const_data_ptr<float>()[i], e = expected.const_data_ptr<float>()[i];
    if (detail::changes_nothing<detail::FloatingElement<float>>(screen, a, e)) continue;
    ++closely;
    detail::add_floating<double>(found, a, e, limits);
    raise(screen, found);
  }
  EXPECT_LT(closely, 200);
  EXPECT_EQ(found.mismatched, 0U);
  EXPECT_EQ(found.max_abs, (actual.to(at::kDouble) - expected).abs().max().item<double>());
}

TEST(DeviceRuleTest, ScreensNothingThatIsNotAFloat) {
  const detail::Screen screen{.max_abs = 1e30F, .max_rel = 1e30F, .rtol = 1, .atol = 1};
  const float nan = std::nanf(""), infinity = INFINITY;
  const auto nothing = [&](float actual, float expected) {
    return detail::changes_nothing<detail::FloatingElement<float>>(screen, actual, expected);
  };
  EXPECT_TRUE(nothing(1, 1.25F));
  EXPECT_TRUE(nothing(0, -0.F));
  for (const auto& [actual, expected] : {std::pair(1.F, nan),
                                         {nan, 1.F},
                                         {1.F, infinity},
                                         {infinity, 1.F},
                                         {infinity, -infinity},
                                         {nan, infinity}}) {
    EXPECT_FALSE(nothing(actual, expected)) << actual << ' ' << expected;
  }
}

TEST(DeviceRuleTest, ReadsEveryHalf) {
  const at::Tensor all = at::arange(65536, at::kInt).to(at::kShort).view(at::kHalf);
  const auto* halves = all.const_data_ptr<c10::Half>();
  for (int bits = 0; bits < 65536; ++bits) {
    const float wanted = halves[bits], read = detail::float_of_half(halves[bits].x);
    ASSERT_TRUE(read == wanted || (std::isnan(read) && std::isnan(wanted))) << bits;
    ASSERT_EQ(std::signbit(read), std::signbit(wanted)) << bits;
  }
}

}  // namespace
}  // namespace crosstrace
