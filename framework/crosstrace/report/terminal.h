// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The report for people at a terminal.
///
///     crosstrace::Report report{"0.1.0", "2.15.0"};
///     report.cells.resize(1);
///     report.cells[0].id = {"Net", crosstrace::ExportKind::kTrace, "cpu",
///                           crosstrace::Transfer::kTo, "sim:0"};
///     report.cells[0].verdict = crosstrace::Verdict::kMatch;
///     crosstrace::write_terminal(std::cout, report);
///
/// prints
///
///     CrossTrace 0.1.0, LibTorch 2.15.0
///
///     Net
///                     run on sim:0
///                     to
///       trace on cpu  ok
///
///     1 passed, 0 failed, 0 skipped, 0 untrusted
#pragma once

#include <crosstrace/report/colors.h>
#include <crosstrace/report/report.h>

#include <cstddef>
#include <iosfwd>

namespace crosstrace {

/// A table for each model, what its marks mean, why cells were skipped, which failed as declared
/// and which evidence decided, each failure with its first line and the ids of its causes, what
/// TF32 does to strict cells, and each finding once: errors, warnings, and what is a cause. What
/// many cells say is written once, what is declared to fail is a line; where nothing else fails,
/// the last line ends in `: all as declared`.
/// @param width characters in a line, which tables and texts keep to; 0 for no limit.
void write_terminal(std::ostream& stream, const Report& report, Colors colors = Colors::kOff,
                    std::size_t width = 0);

}  // namespace crosstrace
