// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How far two numbers may lie apart.
///
///     const auto half = crosstrace::Tolerance::of(c10::ScalarType::Half);
///     std::cout << half.rtol() << ' ' << half.atol() << '\n';  // prints 0.001 1e-05
#pragma once

#include <c10/core/ScalarType.h>

namespace crosstrace {

/// `actual` matches `expected` where |actual - expected| <= atol + rtol * |expected|, the rule of
/// torch.testing (torch.isclose): rtol is relative, atol absolute in the units of the values.
/// Worked out in double, half and bfloat16 in float, complex numbers by the distance in the plane;
/// integers are subtracted exactly. NaN matches NaN, an infinity the infinity of the same sign,
/// nothing else matches either.
class Tolerance {
 public:
  /// Both or none, as in torch.testing: one alone would silently mean zero for the other.
  /// @throws std::invalid_argument with the value, if either is negative, NaN or infinite.
  Tolerance(double rtol, double atol);

  /// The defaults of torch.testing.assert_close for a dtype (_DTYPE_PRECISIONS in
  /// torch/testing/_comparison.py): rtol 1.3e-6 and atol 1e-5 for float32. Exact for all that it
  /// does not list: integers, bool, float8.
  static Tolerance of(c10::ScalarType dtype);

  double rtol() const noexcept { return rtol_; }
  double atol() const noexcept { return atol_; }

 private:
  double rtol_;
  double atol_;
};

}  // namespace crosstrace
