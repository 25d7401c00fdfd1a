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

/// JUnit XML: a test suite for each model, a test case for each cell. A failed cell has the verdict
/// as the type of its failure, the first line of its message as the message, and all of it as text,
/// with its causes in full; untrusted cells are failures too. A skipped cell says why. A property
/// of each suite tells what simulated devices prove. Times are in seconds. What XML cannot hold
/// (control characters, bytes that are no UTF-8) becomes U+FFFD.
std::string to_junit(const Report& report);

}  // namespace crosstrace
