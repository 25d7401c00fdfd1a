// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How far numbers lie from exact ones. For use inside compare/ only.
#pragma once

#include <ATen/core/Tensor.h>

namespace crosstrace::detail {

struct Distance {
  double error = 0;        ///< Greatest |value - exact|.
  double greatest = 0;     ///< Greatest |value|.
  bool is_defined = true;  ///< False if an exact number is NaN or infinite where the value is not.
};

/// Of the elements of `values` that are finite.
/// @param values contiguous, on the CPU, of a real dtype.
/// @param exact the same, of as many doubles.
Distance distance(const at::Tensor& values, const at::Tensor& exact);

}  // namespace crosstrace::detail
