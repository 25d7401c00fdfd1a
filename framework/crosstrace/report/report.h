// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What every writer of reports is given.
///
///     crosstrace::Report report;
///     report.cells = crosstrace::run_cells({}, crosstrace::plan_registered_cells()).cells;
///     const crosstrace::Summary summary = report.summary();
///     std::cout << summary.passed << " passed, " << summary.failed << " failed\n";
#pragma once

#include <crosstrace/devices/device_info.h>
#include <crosstrace/diagnose/finding.h>
#include <crosstrace/matrix/cell_result.h>

#include <string>
#include <vector>

namespace crosstrace {

/// Numbers of cells by what they count as.
struct Summary {
  int passed = 0;  ///< Matches, and failures that the model declares.
  int failed = 0;  ///< All verdicts not counted elsewhere, and matches where a failure is declared.
  int skipped = 0;
  int untrusted = 0;
};

/// A part of a program's tests, as GTEST_SHARD_INDEX and GTEST_TOTAL_SHARDS say.
struct Shard {
  int index = 0;  ///< From 0.
  int total = 1;
};

struct Report {
  std::string tool_version;
  std::string libtorch_version;
  std::string machine = {};  ///< Its name, to tell reports of several apart; may be empty.
  std::string program = {};  ///< The test program; empty for the command.
  Shard shard = {};
  std::vector<DeviceInfo> devices = {};  ///< That the matrix declares, there or not.
  std::vector<CellResult> cells = {};
  std::vector<Finding> findings = {};  ///< Cells name theirs in `causes`.

  Summary summary() const noexcept;
};

}  // namespace crosstrace
