// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Vectors of elements, and how those of each dtype are read into the numbers in which they are
/// compared. For use inside compare/ only, by the files that are compiled for one instruction set
/// and set CROSSTRACE_VECTOR_BYTES.
#pragma once

#include <cstdint>

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace crosstrace::detail {
namespace {

template <class T, int kCount>
struct VectorOf {
  typedef T type __attribute__((vector_size(kCount * sizeof(T))));
};
template <class T, int kCount>
using Vector = typename VectorOf<T, kCount>::type;

template <class To, class From>
inline To bits_as(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  __builtin_memcpy(&to, &from, sizeof to);
  return to;
}

template <class V, class T>
inline V load(const T* from) {
  V vector;
  __builtin_memcpy(&vector, from, sizeof vector);
  return vector;
}

/// The numbers in which elements are compared: as many as fill one vector.
template <class Number>
struct Lanes;
template <>
struct Lanes<double> {
  static constexpr int kCount = CROSSTRACE_VECTOR_BYTES / 8;
  using Integer = std::int64_t;
  using Unsigned = std::uint64_t;
  static constexpr double kMax = __DBL_MAX__;
  static constexpr double kShrink = 1 - 2 * __DBL_EPSILON__;
  static constexpr double kTiny = 1e-290;  // a product below may have lost digits
};
template <>
struct Lanes<float> {
  static constexpr int kCount = CROSSTRACE_VECTOR_BYTES / 4;
  using Integer = std::int32_t;
  using Unsigned = std::uint32_t;
  static constexpr float kMax = __FLT_MAX__;
  static constexpr float kShrink = 1 - 2 * __FLT_EPSILON__;
  static constexpr float kTiny = 1e-30F;
};

template <class Number>
using Numbers = Vector<Number, Lanes<Number>::kCount>;
template <class Number>
using Masks = Vector<typename Lanes<Number>::Integer, Lanes<Number>::kCount>;
template <class Number>
using Bits = Vector<typename Lanes<Number>::Unsigned, Lanes<Number>::kCount>;

template <class Number>
inline Numbers<Number> absolute(Numbers<Number> value) {
  const Bits<Number> all{};
  return bits_as<Numbers<Number>>(bits_as<Bits<Number>>(value) & (~all >> 1));
}

template <class Mask>
inline bool is_any(Mask mask) {
#if CROSSTRACE_VECTOR_BYTES == 64
  const auto bits = bits_as<__m512i>(mask);
  return _mm512_test_epi64_mask(bits, bits) != 0;
#elif CROSSTRACE_VECTOR_BYTES == 32
  const auto bits = bits_as<__m256i>(mask);
  return !_mm256_testz_si256(bits, bits);
#else
  const auto bits = bits_as<Vector<std::uint64_t, 2>>(mask);
  return (bits[0] | bits[1]) != 0;
#endif
}

/// Lane by lane; a value that is NaN is never greater. Compilers know no instruction for this order
/// of operands.
template <class Number>
inline Numbers<Number> greater_of(Numbers<Number> greatest, Numbers<Number> value) {
#if CROSSTRACE_VECTOR_BYTES == 64
  if constexpr (sizeof(Number) == 8) return _mm512_maskz_max_pd(0xff, value, greatest);
  if constexpr (sizeof(Number) == 4) return _mm512_maskz_max_ps(0xffff, value, greatest);
#elif CROSSTRACE_VECTOR_BYTES == 32
  if constexpr (sizeof(Number) == 8) return _mm256_max_pd(value, greatest);
  if constexpr (sizeof(Number) == 4) return _mm256_max_ps(value, greatest);
#endif
  return value > greatest ? value : greatest;
}

/// The greatest of the numbers in a vector, none of which is NaN.
template <class Number, int kCount = Lanes<Number>::kCount>
inline Number greatest_lane(Vector<Number, kCount> values) {
  if constexpr (kCount == 1) {
    return values[0];
  } else {
    struct Halves {
      Vector<Number, kCount / 2> low, high;
    };
    const auto halves = bits_as<Halves>(values);
    return greatest_lane<Number, kCount / 2>(halves.high > halves.low ? halves.high : halves.low);
  }
}

/// What two vectors of elements are to the rule: how far apart, and how great the expected one is.
template <class Number>
struct Pair {
  Numbers<Number> abs;
  Numbers<Number> magnitude;
};

/// Elements of type E, each of which a double holds.
template <class E>
struct InDouble {
  using T = E;
  using Number = double;
  static constexpr bool kIsFloating = E(0.5) != E(0);
  static constexpr bool kMayUnderflow = sizeof(E) == 8;

  static Numbers<double> read(const T* from) {
    return __builtin_convertvector((load<Vector<T, Lanes<double>::kCount>>(from)), Numbers<double>);
  }
};

/// Half, in float, which holds each of them.
struct HalfInFloat {
  using T = std::uint16_t;
  using Number = float;
  static constexpr bool kIsFloating = true;
  static constexpr bool kMayUnderflow = false;

  static Numbers<float> read(const T* from) {
#if defined(__AVX512F__)
    return _mm512_maskz_cvtph_ps(0xffff, load<__m256i>(from));
#elif defined(__F16C__)
    return _mm256_cvtph_ps(load<__m128i>(from));
#else
    // The exponents are 112 apart. The product is exact, and right for subnormal halves too.
    const auto half =
        __builtin_convertvector((load<Vector<T, Lanes<float>::kCount>>(from)), Bits<float>);
    const Bits<float> size = (half & 0x7fffU) << 13;
    const auto scaled = bits_as<Bits<float>>(bits_as<Numbers<float>>(size) * 0x1p112F);
    const auto is_finite = bits_as<Bits<float>>((half & 0x7c00U) != 0x7c00U);
    const Bits<float> sign = (half & 0x8000U) << 16;
    return bits_as<Numbers<float>>((is_finite & scaled) | (~is_finite & (size | 0x7f800000U)) |
                                   sign);
#endif
  }
};

/// A bfloat16 is the upper half of a float.
struct BFloat16InFloat {
  using T = std::uint16_t;
  using Number = float;
  static constexpr bool kIsFloating = true;
  static constexpr bool kMayUnderflow = true;

  static Numbers<float> read(const T* from) {
    const auto upper =
        __builtin_convertvector((load<Vector<T, Lanes<float>::kCount>>(from)), Bits<float>);
    return bits_as<Numbers<float>>(upper << 16);
  }
};

/// 64-bit integers are subtracted as such; only the distance becomes a double.
template <class E>
struct Integer64 {
  using T = E;
  using Number = double;
  static constexpr bool kIsFloating = false;
  static constexpr bool kMayUnderflow = false;
  using Integers = Vector<T, Lanes<double>::kCount>;

  static Numbers<double> to_double(Bits<double> bits) {
#if defined(__AVX512DQ__)
    return __builtin_convertvector(bits, Numbers<double>);
#else
    // Each half is put into the mantissa of a double whose exponent gives it its place; only the
    // last addition rounds.
    const Bits<double> low = (bits & std::uint64_t{0xffffffff}) | std::uint64_t{0x4330} << 48;
    const Bits<double> high = (bits >> 32) | std::uint64_t{0x4530} << 48;
    return (bits_as<Numbers<double>>(high) - 0x1.00000001p84) + bits_as<Numbers<double>>(low);
#endif
  }

  static Bits<double> distance(Integers a, Integers b) {
    const auto forward = bits_as<Bits<double>>(a) - bits_as<Bits<double>>(b);
    const auto is_forward = bits_as<Bits<double>>(a > b);
    return (forward & is_forward) | (-forward & ~is_forward);
  }

  static Pair<double> pair(const T* actual, const T* expected) {
    const auto a = load<Integers>(actual), e = load<Integers>(expected);
    return {to_double(distance(a, e)), to_double(distance(e, Integers{}))};
  }
};

template <class Elements>
inline auto read_pair(const typename Elements::T* actual, const typename Elements::T* expected) {
  using Number = typename Elements::Number;
  if constexpr (requires { Elements::pair(actual, expected); }) {
    return Elements::pair(actual, expected);
  } else {
    const auto a = Elements::read(actual), e = Elements::read(expected);
    return Pair<Number>{absolute<Number>(a - e), absolute<Number>(e)};
  }
}

}  // namespace
}  // namespace crosstrace::detail
