// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How the differences of two tensors are spread, for whoever asks what is wrong with them. For use
/// inside compare/ only.
#pragma once

#include <crosstrace/compare/detail/element.h>
#include <crosstrace/compare/tolerance.h>

#include <array>
#include <cstdint>

namespace crosstrace::detail {

/// Elements by |expected|: zero, then decades. [1] holds what is below 10^(kLeast + 1), the last
/// what is at least 10^kGreatest.
struct Magnitudes {
  static constexpr int kLeast = -12, kGreatest = 12;
  struct Class {
    std::int64_t total = 0;
    std::int64_t mismatched = 0;
  };
  /// Where one class ends and the next begins; the first belongs to [1] and [2].
  static constexpr std::array<double, kGreatest - kLeast> kBounds = {
      1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0,
      1e1,   1e2,   1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12};

  std::array<Class, kBounds.size() + 2> classes;

  /// @param magnitude finite.
  Class& of(double magnitude);
};

struct Spread {
  // Of finite pairs alone.
  std::int64_t over_atol = 0;  ///< |actual - expected| > atol.
  std::int64_t over_rtol = 0;  ///< |actual - expected| > rtol * |expected|.
  std::int64_t over_both = 0;  ///< Some of these are within the sum of both, and so match.
  std::int64_t mismatched = 0;
  std::int64_t finite = 0;  ///< How many pairs there are.
  double sum_abs = 0;
  double sum_expected = 0;  ///< Of |expected|.

  /// All finite pairs would match with this atol and the rtol that is, or the reverse; before
  /// rounding. Infinite where none does.
  double least_atol = 0;
  double least_rtol = 0;

  Magnitudes magnitudes;

  /// @param magnitude |expected|.
  void add(const ElementDifference& difference, double magnitude, const Tolerance& tolerance);
  void merge(const Spread& other);
};

}  // namespace crosstrace::detail
