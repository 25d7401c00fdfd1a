// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a run of many cells gives.
///
///     const auto result = crosstrace::run_cells({}, crosstrace::plan_registered_cells());
///     for (const crosstrace::CellResult& cell : result.cells)
///       std::cout << cell.id.describe() << ": " << crosstrace::to_string(cell.verdict) << '\n';
#pragma once

#include <crosstrace/diagnose/finding.h>
#include <crosstrace/matrix/cell_result.h>

#include <vector>

namespace crosstrace {

struct MatrixResult {
  std::vector<CellResult> cells;  ///< In the order in which they ran.

  /// Of every export of which a cell failed, notes too. Cells name theirs in `causes`.
  std::vector<Finding> findings;
};

}  // namespace crosstrace
