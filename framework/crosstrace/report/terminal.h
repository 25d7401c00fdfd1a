// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The report for people at a terminal.
///
///     crosstrace::write_terminal(std::cout, report, crosstrace::colors_for(STDOUT_FILENO));
///
/// prints
///
///     SimpleModel
///                       run on cpu           run on sim:0
///                       as_traced  to  load  to  load
///       trace on cpu    ok         ok  ok    ok  ok
///       trace on sim:0             ok  ok    ok  ok
///
///     10 passed, 0 failed, 0 skipped, 0 untrusted
#pragma once

#include <crosstrace/report/colors.h>
#include <crosstrace/report/report.h>

#include <iosfwd>

namespace crosstrace {

/// A table for each model, what its marks mean, why cells were skipped, each failure with its first
/// line and the ids of its causes, and each finding once: errors, warnings, and what is a cause.
void write_terminal(std::ostream& stream, const Report& report, Colors colors = Colors::kOff);

}  // namespace crosstrace
