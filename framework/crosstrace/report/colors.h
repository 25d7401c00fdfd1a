// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether a report for a terminal is coloured.
///
///     crosstrace::Report report;
///     report.cells = crosstrace::run_cells({}, crosstrace::plan_registered_cells()).cells;
///     crosstrace::write_terminal(std::cout, report, crosstrace::colors_for(STDOUT_FILENO));
#pragma once

namespace crosstrace {

enum class Colors { kOff, kOn };

/// On where the file descriptor is a terminal, the environment variable NO_COLOR is unset or empty,
/// and TERM is not `dumb`.
Colors colors_for(int file_descriptor);

}  // namespace crosstrace
