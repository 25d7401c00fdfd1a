// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Reads back what `to_json` wrote.
///
///     crosstrace::Report report;
///     report.cells = crosstrace::run_cells({}, crosstrace::plan_registered_cells()).cells;
///     const auto result = crosstrace::results_from_json(crosstrace::to_json(report));
///     if (result.cells.size() == report.cells.size()) std::cout << "all cells";  // prints all cells
#pragma once

#include <crosstrace/matrix/matrix_result.h>

#include <string>

namespace crosstrace {

/// The cells and findings of a report; the kinds of differences and the messages of single outputs,
/// which JSON does not carry, are lost.
/// @throws std::runtime_error if `text` is no such report.
MatrixResult results_from_json(const std::string& text);

}  // namespace crosstrace
