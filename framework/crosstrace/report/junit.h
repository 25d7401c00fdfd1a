// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The report for CI systems.
///
///     crosstrace::Report report;
///     report.cells = crosstrace::run_cells({}, crosstrace::plan_registered_cells()).cells;
///     std::ofstream("report.xml") << crosstrace::to_junit(report);
#pragma once

#include <crosstrace/report/report.h>

#include <string>

namespace crosstrace {

/// JUnit XML as GitHub's actions, GitLab and Jenkins read it: a test suite for each model, a test
/// case for each cell. A failed cell has the verdict as the type of its failure, the first line of
/// its message as the message, and all of it as text, with its causes in full and the line that runs
/// it again; `file` and `line` are the model's, where a cause names them. Untrusted cells are
/// failures too. A skipped cell says why, as message and as text. The name of a simulated cell says
/// that it is one, a property of each suite what that proves. Times are in seconds. What XML cannot
/// hold (control characters, bytes that are no UTF-8) becomes U+FFFD.
std::string to_junit(const Report& report);

}  // namespace crosstrace
