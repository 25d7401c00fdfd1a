// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How numbers, indices and shapes are written in messages. For use inside compare/ only.
#pragma once

#include <c10/core/ScalarType.h>
#include <c10/util/ArrayRef.h>

#include <cstdint>
#include <string>
#include <vector>

namespace crosstrace::detail {

/// The fewest digits that tell `value` from its neighbours as a double: 0.1, 1e-05, nan, inf.
std::string format_shortest(double value);

/// As many digits (max_digits10) as it takes to tell neighbours of `dtype` apart: 9 for Float, 5
/// for Half.
std::string format_as(c10::ScalarType dtype, double value);

/// Six digits, for a bound that was computed from a tolerance: 1.065e-05 rather
/// than 1.0650000000000001e-05.
std::string format_limit(double value);

/// So many significant digits, without zeros at the end.
std::string format_digits(int digits, double value);

/// `[2, 3]`; a 0-dim shape is `[]`.
std::string format_shape(c10::IntArrayRef shape);

/// The position of an element, counted in row-major order, as one number a dimension.
std::vector<std::int64_t> unravel(std::int64_t position, c10::IntArrayRef shape);

/// 1-100 with three digits, but never 0% of something nor 100% of less than all.
std::string format_percent(std::int64_t part, std::int64_t whole);

/// `1 element`, `2 elements`.
std::string format_count(std::int64_t count, const std::string& noun);

}  // namespace crosstrace::detail
