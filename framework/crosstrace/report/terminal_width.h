// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How wide a report for a terminal may be.
///
///     crosstrace::Report report;
///     report.cells = crosstrace::run_cells({}, crosstrace::plan_registered_cells()).cells;
///     crosstrace::write_terminal(std::cout, report, crosstrace::colors_for(STDOUT_FILENO),
///                                crosstrace::terminal_width(STDOUT_FILENO));
#pragma once

#include <cstddef>

namespace crosstrace {

/// Characters in a line; 0 where the file descriptor is no terminal or does not know.
std::size_t terminal_width(int file_descriptor);

}  // namespace crosstrace
