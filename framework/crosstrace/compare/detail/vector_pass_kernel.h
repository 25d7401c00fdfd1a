// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The pass over two arrays in vectors of CROSSTRACE_VECTOR_BYTES, which the including file sets.
/// For use inside compare/ only.
///
/// Written with the vector types that GCC and Clang share, so that one text is SSE2, AVX2, AVX-512
/// and NEON. To be compiled with -ffp-contract=off: the rule rounds after the product.
#pragma once

#include <crosstrace/compare/detail/vector_elements.h>
#include <crosstrace/compare/detail/vector_pass.h>

namespace crosstrace::detail {
namespace {

/// The rule of element.h for one kind of elements (vector_elements.h), a block at a time.
template <class Elements>
class VectorPass {
  using T = typename Elements::T;
  using Number = typename Elements::Number;
  using Values = Numbers<Number>;
  using Mask = Masks<Number>;
  static constexpr int kCount = Lanes<Number>::kCount;
  static constexpr int kGroup = 4;  // vectors between two branches
  static constexpr Number kMax = Lanes<Number>::kMax;

 public:
  explicit VectorPass(Limits limits)
      : rtol_(Values{} + static_cast<Number>(limits.rtol)),
        atol_(Values{} + static_cast<Number>(limits.atol)) {}

  /// Blocks of the same bits hold no difference, a NaN of the same bits included.
  void add_block(const T* actual, const T* expected, std::int64_t count) {
    if (__builtin_memcmp(actual, expected, count * sizeof(T)) == 0) return;
    if (!add_if_within(actual, expected, count)) add_each(actual, expected, count);
  }

  void finish(Statistics& statistics) const {
    statistics.mismatched += mismatched_;
    statistics.nonfinite += nonfinite_;
    raise(statistics.max_abs, greatest_lane<Number>(max_abs_));
    raise(statistics.max_rel, greatest_lane<Number>(max_rel_));
  }

 private:
  static void raise(double& greatest, double value) {
    greatest = value > greatest ? value : greatest;
  }

  static std::int64_t count_of(Mask mask) {
    std::int64_t count = 0;
    for (int i = 0; i < kCount; ++i) count -= mask[i];
    return count;
  }

  /// Calls `work(actual, expected)` for each vector from element `i` on; the last one is filled up
  /// with zeros, which differ in nothing.
  template <class Work>
  static void for_vectors(const T* actual, const T* expected, std::int64_t i, std::int64_t count,
                          Work work) {
    for (; i + kCount <= count; i += kCount) work(actual + i, expected + i);
    if (i == count) return;
    T last_actual[kCount] = {}, last_expected[kCount] = {};
    __builtin_memcpy(last_actual, actual + i, (count - i) * sizeof(T));
    __builtin_memcpy(last_expected, expected + i, (count - i) * sizeof(T));
    work(last_actual, last_expected);
  }

  /// False, and nothing added that would be wrong to add, if any element is NaN, infinite or
  /// outside the tolerance.
  bool add_if_within(const T* actual, const T* expected, std::int64_t count) {
    Values max_abs = max_abs_;
    Mask within = ~Mask{};
    const auto look = [&](const T* a, const T* e) {
      const auto pair = read_pair<Elements>(a, e);
      within &= pair.abs <= atol_ + rtol_ * pair.magnitude;
      max_abs = greater_of<Number>(max_abs, pair.abs);
      return may_raise_max_rel(pair);
    };
    std::int64_t i = 0;
    for (; i + kGroup * kCount <= count; i += kGroup * kCount) {
      Mask closer = look(actual + i, expected + i);
      for (int j = 1; j < kGroup; ++j) {
        closer |= look(actual + i + j * kCount, expected + i + j * kCount);
      }
      if (is_any(closer)) raise_max_rel(actual + i, expected + i, kGroup);
    }
    for_vectors(actual, expected, i, count, [&](const T* a, const T* e) {
      if (is_any(look(a, e))) raise_max_rel(a, e, 1);
    });
    // An infinite limit lets an infinite distance through.
    if (is_any(~within) || is_any(~(max_abs <= kMax))) return false;
    max_abs_ = max_abs;
    return true;
  }

  /// Dividing costs more than all else, so only what may be the greatest quotient is divided. The
  /// product is rounded, hence surely_less_ below max_rel_; where it may vanish it proves nothing.
  Mask may_raise_max_rel(const Pair<Number>& pair) const {
    const Values product = surely_less_ * pair.magnitude;
    Mask may = pair.abs > product;
    if constexpr (Elements::kMayUnderflow) {
      may |= (product < Lanes<Number>::kTiny) & (pair.abs > Number{0});
    }
    return may;
  }

  __attribute__((noinline)) void raise_max_rel(const T* actual, const T* expected, int vectors) {
    Values greatest{};
    for (int j = 0; j < vectors; ++j) {
      const auto pair = read_pair<Elements>(actual + j * kCount, expected + j * kCount);
      const Values rel = pair.abs / pair.magnitude;
      greatest = greater_of<Number>(greatest, rel <= kMax ? rel : Values{});
    }
    raise_max_rel(greatest);
  }

  void raise_max_rel(Values finite) {
    max_rel_ = greater_of<Number>(max_rel_, finite);
    surely_less_ = Values{} + greatest_lane<Number>(max_rel_) * Lanes<Number>::kShrink;
  }

  __attribute__((noinline)) void add_each(const T* actual, const T* expected, std::int64_t count) {
    Mask mismatched{}, nonfinite{};
    for_vectors(actual, expected, 0, count, [&](const T* a, const T* e) {
      auto pair = read_pair<Elements>(a, e);
      Mask same{}, odd{};  // odd: NaN or infinite on one side only, or of another sign
      if constexpr (Elements::kIsFloating) {
        const Values x = Elements::read(a), y = Elements::read(e);
        same = (x == y) | ((x != x) & (y != y));
        pair.abs = same ? Values{} : pair.abs;
        odd = ~same & ~((absolute<Number>(x) <= kMax) & (pair.magnitude <= kMax));
      }
      nonfinite += odd;
      mismatched += odd | ~(same | (pair.abs <= atol_ + rtol_ * pair.magnitude));
      pair.abs = pair.abs <= kMax ? pair.abs : Values{};
      max_abs_ = greater_of<Number>(max_abs_, pair.abs);
      if (!is_any(may_raise_max_rel(pair))) return;
      const Values rel = pair.abs / pair.magnitude;
      raise_max_rel(rel <= kMax ? rel : Values{});
    });
    mismatched_ += count_of(mismatched);
    nonfinite_ += count_of(nonfinite);
  }

  Values rtol_, atol_;
  Values max_abs_{}, max_rel_{}, surely_less_{};
  std::int64_t mismatched_ = 0, nonfinite_ = 0;
};

/// At most so many elements has a block: two of doubles fit the first-level cache, so that looking
/// again costs little.
constexpr std::int64_t kBlockElements = 2048;

template <class Elements>
void vector_pass(const void* actual, const void* expected, std::int64_t count, Limits limits,
                 Statistics& statistics) {
  const auto* a = static_cast<const typename Elements::T*>(actual);
  const auto* e = static_cast<const typename Elements::T*>(expected);
  VectorPass<Elements> pass(limits);
  for (std::int64_t i = 0; i < count; i += kBlockElements) {
    const std::int64_t rest = count - i;
    pass.add_block(a + i, e + i, rest < kBlockElements ? rest : kBlockElements);
  }
  pass.finish(statistics);
}

constexpr Passes kPasses = {
    .float32 = vector_pass<InDouble<float>>,
    .float64 = vector_pass<InDouble<double>>,
    .float16 = vector_pass<HalfInFloat>,
    .bfloat16 = vector_pass<BFloat16InFloat>,
    .int8 = vector_pass<InDouble<std::int8_t>>,
    .int16 = vector_pass<InDouble<std::int16_t>>,
    .int32 = vector_pass<InDouble<std::int32_t>>,
    .int64 = vector_pass<Integer64<std::int64_t>>,
    .uint8 = vector_pass<InDouble<std::uint8_t>>,
    .uint16 = vector_pass<InDouble<std::uint16_t>>,
    .uint32 = vector_pass<InDouble<std::uint32_t>>,
    .uint64 = vector_pass<Integer64<std::uint64_t>>,
};

}  // namespace
}  // namespace crosstrace::detail
