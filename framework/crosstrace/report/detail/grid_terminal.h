// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One model's cells at a terminal. For use inside report/ only.
#pragma once

#include <crosstrace/report/colors.h>
#include <crosstrace/report/detail/grid.h>

#include <cstddef>
#include <iosfwd>

namespace crosstrace::detail {

/// The escape sequence of an outcome, such as `1;31`.
const char* color_code(Outcome outcome) noexcept;

/// A table, its columns as wide as what stands in them; where it is too wide, several below each
/// other, each with as many run devices as fit. @param width of the terminal; 0 if there is none.
void write_grid(std::ostream& stream, const Grid& grid, Colors colors, std::size_t width);

}  // namespace crosstrace::detail
