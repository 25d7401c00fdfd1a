// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The rule by which one element matches another. For use inside compare/ only.
#pragma once

#include <c10/util/complex.h>
#include <crosstrace/compare/detail/format.h>
#include <crosstrace/compare/tolerance.h>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

namespace crosstrace::detail {

/// What separates an actual from an expected element; all zero and false if they are equal.
struct ElementDifference {
  double abs = 0;    ///< |actual - expected|.
  double rel = 0;    ///< abs / |expected|; infinite where zero was expected.
  double limit = 0;  ///< The greatest abs that would have matched.
  bool mismatched = false;
  bool nonfinite = false;  ///< NaN or infinity on one side only, or of another sign.
};

template <class T>
struct is_complex : std::false_type {};
template <class T>
struct is_complex<c10::complex<T>> : std::true_type {};
template <class T>
concept Complex = is_complex<T>::value;

/// Half, BFloat16 and the float8 types are classes that convert to float.
template <class T>
concept Real = !std::integral<T> && !Complex<T>;

template <Real T>
double widen(T value) {
  if constexpr (std::same_as<T, double>)
    return value;
  else
    return static_cast<double>(static_cast<float>(value));
}

/// What elements are worked out in: float for those of 16 bits, as vectors of them are, else
/// double.
template <class T>
using NumberOf =
    std::conditional_t<std::same_as<T, c10::Half> || std::same_as<T, c10::BFloat16>, float, double>;

template <class Number>
ElementDifference measure(Number abs, Number magnitude, const Tolerance& tolerance) {
  const Number limit =
      static_cast<Number>(tolerance.atol()) + static_cast<Number>(tolerance.rtol()) * magnitude;
  return {.abs = abs, .rel = abs / magnitude, .limit = limit, .mismatched = !(abs <= limit)};
}

inline ElementDifference nonfinite_difference(double abs) {
  return {.abs = abs, .rel = abs, .mismatched = true, .nonfinite = true};
}

template <class Number>
ElementDifference examine_numbers(Number actual, Number expected, const Tolerance& tolerance) {
  if (actual == expected || (std::isnan(actual) && std::isnan(expected))) return {};
  const Number abs = std::abs(actual - expected);
  if (!std::isfinite(actual) || !std::isfinite(expected)) return nonfinite_difference(abs);
  return measure(abs, std::abs(expected), tolerance);
}

template <Real T>
ElementDifference examine(T actual, T expected, const Tolerance& tolerance) {
  using Number = NumberOf<T>;
  return examine_numbers(static_cast<Number>(widen(actual)), static_cast<Number>(widen(expected)),
                         tolerance);
}

/// In the integers themselves: neighbours beyond 2^53 are one double.
template <std::integral T>
ElementDifference examine(T actual, T expected, const Tolerance& tolerance) {
  if (actual == expected) return {};
  const auto a = static_cast<std::uint64_t>(actual), e = static_cast<std::uint64_t>(expected);
  const double abs = static_cast<double>(actual > expected ? a - e : e - a);
  return measure(abs, std::abs(static_cast<double>(expected)), tolerance);
}

/// Finite numbers by their distance in the plane. Once a component is not finite that distance says
/// nothing, so then each component has to match by itself.
template <Complex T>
ElementDifference examine(T actual, T expected, const Tolerance& tolerance) {
  const double a_real = widen(actual.real()), a_imag = widen(actual.imag());
  const double e_real = widen(expected.real()), e_imag = widen(expected.imag());
  if (std::isfinite(a_real) && std::isfinite(a_imag) && std::isfinite(e_real) &&
      std::isfinite(e_imag)) {
    if (a_real == e_real && a_imag == e_imag) return {};
    return measure(std::hypot(a_real - e_real, a_imag - e_imag), std::hypot(e_real, e_imag),
                   tolerance);
  }
  const auto real = examine_numbers(a_real, e_real, tolerance);
  const auto imag = examine_numbers(a_imag, e_imag, tolerance);
  if (real.nonfinite || imag.nonfinite) return nonfinite_difference(std::max(real.abs, imag.abs));
  return real.mismatched || (!imag.mismatched && real.abs > imag.abs) ? real : imag;
}

/// |value|, as the rule sees it.
template <Real T>
double magnitude_of(T value) {
  return std::abs(widen(value));
}
template <std::integral T>
double magnitude_of(T value) {
  return std::abs(static_cast<double>(value));
}
template <Complex T>
double magnitude_of(T value) {
  return std::hypot(widen(value.real()), widen(value.imag()));
}

template <Real T>
bool holds_nan(T value) {
  return std::isnan(widen(value));
}
template <std::integral T>
bool holds_nan(T) {
  return false;
}
template <Complex T>
bool holds_nan(T value) {
  return holds_nan(value.real()) || holds_nan(value.imag());
}

template <Real T>
bool holds_infinity(T value) {
  return std::isinf(widen(value));
}
template <std::integral T>
bool holds_infinity(T) {
  return false;
}
template <Complex T>
bool holds_infinity(T value) {
  return holds_infinity(value.real()) || holds_infinity(value.imag());
}

template <Real T>
std::string format_element(T value, c10::ScalarType dtype) {
  return format_as(dtype, widen(value));
}
template <std::integral T>
std::string format_element(T value, c10::ScalarType) {
  if constexpr (std::same_as<T, bool>)
    return value ? "true" : "false";
  else
    return std::to_string(value);
}
template <Complex T>
std::string format_element(T value, c10::ScalarType dtype) {
  const auto imag = format_element(value.imag(), dtype);
  const bool is_signed = imag.front() == '-';
  return format_element(value.real(), dtype) + (is_signed ? "" : "+") + imag + "j";
}

}  // namespace crosstrace::detail
