// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One report of many: of the entries of a test suite, of shards, of machines.
///
///     crosstrace::Report report{.machine = "runner-1"};
///     report.cells = crosstrace::run_cells({}, crosstrace::plan_registered_cells()).cells;
///     const auto merged = crosstrace::merge_reports({{"a.json", report}, {"b.json", report}});
///     std::cout << merged.problems.size() << " problems\n";  // prints 0 problems
#pragma once

#include <crosstrace/report/report.h>

#include <string>
#include <vector>

namespace crosstrace {

/// A report, and what people call it: its file.
struct NamedReport {
  std::string name;
  Report report;
};

struct MergedReport {
  Report report;

  /// What makes the whole less than its parts promise, a line each: verdicts of one cell on one
  /// machine that contradict each other, shards that are missing.
  std::vector<std::string> problems;
};

/// Cells are told apart by their id and the test that was made of them, and if some cell ran on
/// several machines, all of them by machine. Of a cell that was skipped here and ran there, what ran
/// counts. Of one that ran twice on a machine, the worse verdict stays; where they differ, that is a
/// problem, and the cell's message says so. Devices of several machines say in their reason which
/// one they are of. Findings that differ under one id get ids of their own. The cells come in the
/// order of one run.
MergedReport merge_reports(std::vector<NamedReport> reports);

}  // namespace crosstrace
