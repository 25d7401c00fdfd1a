// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Cells as the tables that people read: how exported down, where run across. For use inside
/// report/ only.
#pragma once

#include <crosstrace/report/report.h>

#include <string>
#include <vector>

namespace crosstrace::detail {

/// The transfers that occur on one run device, in the order of the enumeration.
struct GridColumn {
  std::string run_device;
  std::vector<Transfer> transfers;
};

struct GridRow {
  std::string label;  ///< `trace on cpu`, `script on sim:0`, `archive of cpu`.
  std::vector<const CellResult*>
      cells;  ///< One for each transfer of each column; null where none is.
};

/// All cells of one method of a model, of one test and on one machine if there are several. Points into the report that it was made from.
struct Grid {
  std::string model;
  std::string method;
  std::string assertion;  ///< Empty for the comparison of the matrix.
  std::string machine;    ///< Empty where all cells ran on one, or no two on the same.
  std::vector<GridColumn> columns;
  std::vector<GridRow> rows;

  /// `Speech`, `Speech: encode` of a method other than forward, `Speech, BatchOrder.Keeps` of a test
  /// of its own, `Speech (runner-2)` of a machine.
  std::string title() const {
    return (method == "forward" ? model : model + ": " + method) +
           (assertion.empty() ? "" : ", " + assertion) +
           (machine.empty() ? "" : " (" + machine + ")");
  }

  bool has(const CellResult& cell) const {
    return cell.id.model == model && cell.id.method == method && cell.assertion == assertion &&
           cell.machine == machine;
  }
};

/// One grid a model, method, test and machine; models, rows and columns in the order in which the cells bring them.
std::vector<Grid> make_grids(const std::vector<CellResult>& cells);

/// What stands in a table: `ok`, `differs`, `error`, `-`; in parentheses if the model declares the
/// failure; `ok!` if it declares one that does not happen.
std::string mark(const CellResult& cell);

/// What `mark` means, in words: `failed as declared: error`.
std::string meaning(const CellResult& cell);

/// All marks that occur and do not speak for themselves: `- skipped; differs mismatch`.
std::string legend(const std::vector<CellResult>& cells);

/// Skipped cells by the first line of their reason, in the order of their first.
struct SkipReason {
  std::string reason;
  std::size_t cells = 0;
};
std::vector<SkipReason> skip_reasons(const std::vector<CellResult>& cells);

/// `sim:0 and sim:1 are simulated ...`, and what stands in for what: `cuda:0, sim:0 standing in.`
/// Empty if no simulated device is available.
std::string simulation_note(const std::vector<DeviceInfo>& devices);

/// `12 passed, 1 failed, 6 skipped, 0 untrusted`.
std::string summary_line(const Summary& summary);

}  // namespace crosstrace::detail
