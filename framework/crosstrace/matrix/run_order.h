// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// In which order cells move and load the fewest weights, and when what they share can go.
///
///     for (const std::size_t i : crosstrace::running_order(cells)) run(cells[i]);
#pragma once

#include <crosstrace/models/cell_id.h>

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace crosstrace {

/// Places in `cells`: models one after the other, of a model its exports, of an export first what runs
/// where it was made, then each device that it is moved to, then each that it is loaded to. Else as
/// in `cells`, methods of a model included.
std::vector<std::size_t> running_order(const std::vector<CellId>& cells);

/// Counts the cells that are still to run.
class CellsToCome {
 public:
  explicit CellsToCome(const std::vector<CellId>& cells);

  /// One that ran, or was skipped. More of them than there were do not count.
  void count_off(const CellId& cell);

  bool has_export(const CellId& cell) const;
  bool has_model(const std::string& model) const;

 private:
  using ExportKey = std::tuple<std::string, ExportKind, std::string>;
  static ExportKey key_of(const CellId& cell);

  std::map<ExportKey, int> exports_;
  std::map<std::string, int> models_;
};

}  // namespace crosstrace
