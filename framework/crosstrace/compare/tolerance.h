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
/// torch.testing. NaN matches NaN, an infinity the infinity of the same sign, nothing else matches
/// either.
class Tolerance {
 public:
  /// Both or none, as in torch.testing: one alone would silently mean zero for the other.
  /// @throws std::invalid_argument with the value, if either is negative, NaN or infinite.
  Tolerance(double rtol, double atol);

  /// The defaults of torch.testing.assert_close for a dtype; exact for integers and bool.
  static Tolerance of(c10::ScalarType dtype);

  double rtol() const noexcept { return rtol_; }
  double atol() const noexcept { return atol_; }

 private:
  double rtol_;
  double atol_;
};

}  // namespace crosstrace
