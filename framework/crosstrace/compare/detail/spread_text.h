// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How differences are spread, in words. For use inside compare/ only.
#pragma once

#include <crosstrace/compare/detail/spread.h>

#include <string>

namespace crosstrace::detail {

/// `over atol: 3 elements, 2 of them over rtol too; over rtol: 2 elements, 2 of them over atol too`,
/// or `over atol: 3 elements; over rtol: the same`
std::string cross_table(const Spread& spread);

/// `by |expected|: 1 of 2 zeros, 3 of 5 from 0.1 to 1`: the classes that hold a mismatch, the lowest
/// of many put together.
std::string histogram(const Magnitudes& magnitudes);

/// `atol 0.5 (rtol 1.3e-06), or rtol 0.0358 (atol 1e-05)`: three digits, rounded up.
std::string least_tolerance(const Spread& spread, const Tolerance& tolerance);

}  // namespace crosstrace::detail
