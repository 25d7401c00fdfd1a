// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Reads back what `to_json` wrote.
///
///     crosstrace::Report report;
///     report.cells = crosstrace::run_cells({}, crosstrace::plan_registered_cells()).cells;
///     const auto same = crosstrace::report_from_json(crosstrace::to_json(report));
///     if (same.cells.size() == report.cells.size()) std::cout << "all cells";  // prints all cells
#pragma once

#include <crosstrace/report/report.h>

#include <string>

namespace crosstrace {

/// The kinds of differences, the messages of single outputs and the details of findings, which JSON
/// does not carry, are lost.
/// @throws std::runtime_error if `text` is no such report.
Report report_from_json(const std::string& text);

}  // namespace crosstrace
