// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Many cells, one after the other.
///
///     const auto result = crosstrace::run_cells({.seed = 1}, crosstrace::plan_registered_cells());
///     std::cout << result.cells.size() << " cells, " << result.findings.size() << " findings\n";
#pragma once

#include <crosstrace/matrix/matrix_result.h>
#include <crosstrace/matrix/session.h>

#include <functional>
#include <string>
#include <vector>

namespace crosstrace {

/// Told how a run gets on; what is empty is not called.
struct RunEvents {
  std::function<void(const CellId&)> before_cell;

  /// What else takes its time within a cell, and an empty text once that is done.
  std::function<void(const std::string&)> on_step;

  /// What became of it, and all that was found so far.
  std::function<void(const CellResult&, const std::vector<Finding>&)> after_cell;
};

/// Runs cells of registered models in the order that brings the fewest weights to a device
/// (run_order.h); results are in the order of `cells`. What a model's cells share goes with the last of
/// them. Looks at all devices first, so that CUDA is loaded in time. Exports of which a cell fails are
/// diagnosed, once each. Waits for all accelerators after each cell. What a model throws is a verdict,
/// see `Cell::run`.
/// @throws std::invalid_argument if `options.runs` is less than 1.
MatrixResult run_cells(const RunOptions& options, const std::vector<CellId>& cells,
                       const RunEvents& events = {});

}  // namespace crosstrace
