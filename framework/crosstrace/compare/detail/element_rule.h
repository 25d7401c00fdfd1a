// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The rule of comparison for one thread of a GPU, and how the findings of two become one. Compiled
/// for the host too, where tests hold it to the plain loop. For use inside compare/ only.
///
/// To be compiled with --fmad=false or -ffp-contract=off: the rule rounds after the product, and a
/// CPU and a GPU must find the same.
#pragma once

#include <cstdint>

#if defined(__CUDACC__)
#define CROSSTRACE_ON_BOTH __host__ __device__ __forceinline__
#else
#define CROSSTRACE_ON_BOTH inline
#endif

namespace crosstrace::detail {

/// The greatest finite number, and the share of the greatest quotient below which rounding cannot
/// lift another one above it.
template <class Number>
struct NumberTraits;
template <>
struct NumberTraits<double> {
  static constexpr double kMax = 1.7976931348623157e308;
  static constexpr double kShrink = 0.99999999999999955591;  // 1 - 2^-51
  static constexpr double kTiny = 1e-290;                    // a product below may have lost digits
};
template <>
struct NumberTraits<float> {
  static constexpr float kMax = 3.402823466e38F;
  static constexpr float kShrink = 0.99999976158F;  // 1 - 2^-22
  static constexpr float kTiny = 1e-30F;
};

/// A tolerance, in the numbers in which elements are compared.
template <class Number>
struct ElementLimits {
  Number rtol;
  Number atol;
};

/// What a thread has found.
template <class Number>
struct Findings {
  std::uint64_t mismatched = 0;
  std::uint64_t nonfinite = 0;
  Number max_abs = 0;
  Number max_rel = 0;
  Number surely_less = 0;  ///< What lies below this share of its magnitude cannot raise max_rel.
};

template <class Number>
CROSSTRACE_ON_BOTH Number distance_from_zero(Number value) {
  return value < 0 ? -value : value;
}

template <class Number>
CROSSTRACE_ON_BOTH bool is_finite(Number value) {
  return distance_from_zero(value) <= NumberTraits<Number>::kMax;
}

template <class Number>
CROSSTRACE_ON_BOTH void raise_rel(Findings<Number>& found, Number abs, Number magnitude) {
  const Number product = found.surely_less * magnitude;
  const bool proves_nothing = product < NumberTraits<Number>::kTiny && abs > 0;
  if (!(abs > product) && !proves_nothing) return;
  const Number rel = abs / magnitude;
  if (!(rel > found.max_rel) || !is_finite(rel)) return;
  found.max_rel = rel;
  found.surely_less = rel * NumberTraits<Number>::kShrink;
}

/// @param abs |actual - expected|, which may have overflown.
template <class Number>
CROSSTRACE_ON_BOTH void add_distance(Findings<Number>& found, Number abs, Number magnitude,
                                     ElementLimits<Number> limits) {
  const Number product = limits.rtol * magnitude;
  if (!(abs <= limits.atol + product)) ++found.mismatched;
  if (!is_finite(abs)) return;
  if (abs > found.max_abs) found.max_abs = abs;
  raise_rel(found, abs, magnitude);
}

template <class Number>
CROSSTRACE_ON_BOTH void add_floating(Findings<Number>& found, Number actual, Number expected,
                                     ElementLimits<Number> limits) {
  if (is_finite(actual) && is_finite(expected)) {
    add_distance(found, distance_from_zero(actual - expected), distance_from_zero(expected),
                 limits);
    return;
  }
  const bool is_same = actual == expected || (actual != actual && expected != expected);
  if (is_same) return;
  ++found.nonfinite;
  ++found.mismatched;
}

/// Integers are subtracted as such.
template <class T>
CROSSTRACE_ON_BOTH void add_integer(Findings<double>& found, T actual, T expected,
                                    ElementLimits<double> limits) {
  if (actual == expected) return;
  const auto a = static_cast<std::uint64_t>(actual), e = static_cast<std::uint64_t>(expected);
  const auto abs = static_cast<double>(actual > expected ? a - e : e - a);
  add_distance(found, abs, distance_from_zero(static_cast<double>(expected)), limits);
}

template <class Number>
CROSSTRACE_ON_BOTH void merge(Findings<Number>& total, const Findings<Number>& part) {
  total.mismatched += part.mismatched;
  total.nonfinite += part.nonfinite;
  if (part.max_abs > total.max_abs) total.max_abs = part.max_abs;
  if (part.max_rel > total.max_rel) total.max_rel = part.max_rel;
}

template <class To, class From>
CROSSTRACE_ON_BOTH To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  __builtin_memcpy(&to, &from, sizeof to);
  return to;
}

/// Of the bits of a half. The exponents are 112 apart; the product is exact, and right for
/// subnormal halves too.
CROSSTRACE_ON_BOTH float float_of_half(std::uint16_t half) {
#ifdef __CUDA_ARCH__
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(half));
  return value;
#else
  const std::uint32_t size = (half & 0x7fffU) << 13, sign = (half & 0x8000U) << 16;
  if ((half & 0x7c00U) == 0x7c00U) return same_bits<float>(size | 0x7f800000U | sign);
  const float scaled = same_bits<float>(size) * 5.192296858534828e33F;  // 2^112
  return sign != 0 ? -scaled : scaled;
#endif
}

/// How elements of each kind are added. T is how they lie in memory. Those that floats hold can be
/// screened (element_screen.h), to which it matters whether the difference of two as floats is another
/// than the rule's, and whether it may be tiny.
template <class E>
struct IntegerElement {
  using T = E;
  using Number = double;
  static constexpr bool kIsScreened = false;
  CROSSTRACE_ON_BOTH static void add(Findings<double>& found, T actual, T expected,
                                     ElementLimits<double> limits) {
    add_integer(found, actual, expected, limits);
  }
};
template <class E>
struct FloatingElement {
  using T = E;
  using Number = double;
  static constexpr bool kIsScreened = sizeof(E) == sizeof(float);
  static constexpr bool kIsRounded = true, kMayBeTiny = true;
  CROSSTRACE_ON_BOTH static E widen(E value) { return value; }
  CROSSTRACE_ON_BOTH static void add(Findings<double>& found, T actual, T expected,
                                     ElementLimits<double> limits) {
    add_floating<double>(found, actual, expected, limits);
  }
};
struct HalfElement {
  using T = std::uint16_t;
  using Number = float;
  static constexpr bool kIsScreened = true;
  static constexpr bool kIsRounded = false, kMayBeTiny = false;
  CROSSTRACE_ON_BOTH static float widen(T bits) { return float_of_half(bits); }
  CROSSTRACE_ON_BOTH static void add(Findings<float>& found, T actual, T expected,
                                     ElementLimits<float> limits) {
    add_floating(found, widen(actual), widen(expected), limits);
  }
};
struct BFloat16Element {
  using T = std::uint16_t;
  using Number = float;
  static constexpr bool kIsScreened = true;
  static constexpr bool kIsRounded = false, kMayBeTiny = true;
  CROSSTRACE_ON_BOTH static float widen(T bits) {
    return same_bits<float>(static_cast<std::uint32_t>(bits) << 16);
  }
  CROSSTRACE_ON_BOTH static void add(Findings<float>& found, T actual, T expected,
                                     ElementLimits<float> limits) {
    add_floating(found, widen(actual), widen(expected), limits);
  }
};

}  // namespace crosstrace::detail
