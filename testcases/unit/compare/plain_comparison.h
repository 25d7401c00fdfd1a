// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The rule of comparison, written out element by element and as slow as that is: what all faster
/// ways are held to.
#pragma once

#include <ATen/ATen.h>
#include <crosstrace/compare/detail/visit_dtype.h>
#include <crosstrace/compare/tolerance.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <concepts>
#include <cstdint>
#include <type_traits>

namespace crosstrace {

struct PlainComparison {
  std::int64_t mismatched = 0;
  std::int64_t nonfinite = 0;
  double max_abs = 0;
  double max_rel = 0;
  double sum_abs = 0;       ///< Of |actual - expected| where both are finite.
  double sum_expected = 0;  ///< Of |expected| where it is finite.

  void add_distance(double abs, double magnitude, double limit) {
    mismatched += !(abs <= limit);
    if (!std::isfinite(abs)) return;
    max_abs = std::max(max_abs, abs);
    if (magnitude > 0 && std::isfinite(abs / magnitude))
      max_rel = std::max(max_rel, abs / magnitude);
  }
};

/// In float for half and bfloat16, whose quotients are rounded to float too; else in double.
template <class Number>
void add_real(PlainComparison& found, Number actual, Number expected, const Tolerance& tolerance) {
  if (std::isnan(actual) && std::isnan(expected)) return;
  if (actual == expected) return;
  if (!std::isfinite(actual) || !std::isfinite(expected)) {
    ++found.nonfinite;
    ++found.mismatched;
    return;
  }
  const Number abs = std::abs(actual - expected), magnitude = std::abs(expected);
  const Number product = static_cast<Number>(tolerance.rtol()) * magnitude;
  const Number limit = static_cast<Number>(tolerance.atol()) + product;
  found.mismatched += !(abs <= limit);
  if (!std::isfinite(abs)) return;
  found.max_abs = std::max<double>(found.max_abs, abs);
  const Number rel = abs / magnitude;
  if (magnitude > 0 && std::isfinite(rel)) found.max_rel = std::max<double>(found.max_rel, rel);
}

template <std::integral T>
void add_integer(PlainComparison& found, T actual, T expected, const Tolerance& tolerance) {
  const auto difference = static_cast<__int128>(actual) - static_cast<__int128>(expected);
  const auto abs = static_cast<double>(difference < 0 ? -difference : difference);
  const double magnitude = std::abs(static_cast<double>(expected));
  found.add_distance(abs, magnitude, tolerance.atol() + tolerance.rtol() * magnitude);
}

/// In the plane if all four components are finite, else each component by itself.
inline void add_complex(PlainComparison& found, std::complex<double> actual,
                        std::complex<double> expected, const Tolerance& tolerance) {
  const auto is_finite = [](std::complex<double> z) {
    return std::isfinite(z.real()) && std::isfinite(z.imag());
  };
  if (is_finite(actual) && is_finite(expected)) {
    const double magnitude = std::hypot(expected.real(), expected.imag());
    const double abs = std::hypot(actual.real() - expected.real(), actual.imag() - expected.imag());
    found.add_distance(abs, magnitude, tolerance.atol() + tolerance.rtol() * magnitude);
    return;
  }
  PlainComparison parts;
  add_real(parts, actual.real(), expected.real(), tolerance);
  add_real(parts, actual.imag(), expected.imag(), tolerance);
  found.nonfinite += parts.nonfinite > 0;
  found.mismatched += parts.mismatched > 0;
  if (parts.nonfinite > 0) return;
  found.max_abs = std::max(found.max_abs, parts.max_abs);
  found.max_rel = std::max(found.max_rel, parts.max_rel);
}

template <class T>
void add_element(PlainComparison& found, T actual, T expected, const Tolerance& tolerance) {
  if constexpr (std::integral<T>) {
    add_integer(found, actual, expected, tolerance);
  } else if constexpr (std::same_as<T, c10::Half> || std::same_as<T, c10::BFloat16>) {
    add_real<float>(found, actual, expected, tolerance);
  } else if constexpr (requires { actual.imag(); }) {
    const auto widen = [](T z) {
      return std::complex<double>(static_cast<double>(z.real()), static_cast<double>(z.imag()));
    };
    add_complex(found, widen(actual), widen(expected), tolerance);
  } else {
    add_real<double>(found, actual, expected, tolerance);
  }
}

inline PlainComparison compare_plainly(const at::Tensor& actual, const at::Tensor& expected,
                                       const Tolerance& tolerance) {
  PlainComparison found;
  const auto a = actual.contiguous(), e = expected.contiguous();
  detail::visit_dtype(e.scalar_type(), [&]<class T>(std::type_identity<T>) {
    const auto* from = static_cast<const T*>(a.const_data_ptr());
    const auto* wanted = static_cast<const T*>(e.const_data_ptr());
    for (std::int64_t i = 0; i < a.numel(); ++i) {
      add_element(found, from[i], wanted[i], tolerance);
    }
  });
  return found;
}

}  // namespace crosstrace
