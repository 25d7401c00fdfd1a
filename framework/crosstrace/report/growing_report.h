// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A report that is there from the first cell on, and whole whenever its process ends.
///
///     crosstrace::GrowingReport growing("reports/models.json", crosstrace::make_report({}, {}));
///     for (const crosstrace::CellId& id : crosstrace::plan_registered_cells()) {
///       growing.begin({.id = id});
///       growing.end(crosstrace::run_cells({}, {id}).cells.front());
///     }
///     growing.finish({}, {});
///     if (std::filesystem::exists("reports/models.json"))
///       std::cout << "written\n";  // prints written
#pragma once

#include <crosstrace/report/report.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace crosstrace {

/// Writes a JSON report (json.h) cell by cell. At every moment the file is a whole report, in which
/// the cell that runs has the verdict `crashed`: a process that ends as it likes, killed or not,
/// leaves just that. Each step writes one cell and the end of the file, in one call of the system,
/// so time grows with the number of cells and no faster.
class GrowingReport {
 public:
  /// Makes the folder if it is not there, and an empty report in it; what had the name is gone.
  /// @param head all but the cells.
  /// @throws std::runtime_error `cannot write reports/models.json: Permission denied`.
  GrowingReport(std::filesystem::path path, Report head);
  GrowingReport(const GrowingReport&) = delete;
  GrowingReport& operator=(const GrowingReport&) = delete;
  ~GrowingReport();

  /// The cell that runs from now on: what is known of it already.
  /// @throws std::runtime_error if the disk is full.
  void begin(CellResult running);

  /// What became of a cell, which runs no more. @throws as `begin`.
  void end(const CellResult& result);

  /// Writes the report anew, with the findings and how the devices were at the end, under a
  /// temporary name that becomes the file's. @throws as the constructor.
  void finish(std::vector<DeviceInfo> devices, std::vector<Finding> findings);

 private:
  std::size_t write_last();

  std::filesystem::path path_;
  Report report_;
  int file_ = -1;
  std::size_t settled_ = 0;  ///< Bytes of the file that stay as they are.
  std::size_t written_ = 0;  ///< Bytes of the file.
};

}  // namespace crosstrace
