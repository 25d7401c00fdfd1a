// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/precision_lines.h>

#include <algorithm>

namespace crosstrace::detail {
namespace {

struct Row {
  std::string who;
  PrecisionEffect effect;
};

Row& row_of(std::vector<Row>& rows, const std::string& who) {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const Row& known) { return known.who == who; });
  if (row != rows.end()) return *row;
  rows.push_back({who, {}});
  return rows.back();
}

}  // namespace

std::vector<std::string> precision_lines(const std::vector<CellResult>& cells) {
  std::vector<Row> rows;
  for (const CellResult& cell : cells) {
    if (!cell.as_exported) continue;
    Row& row = row_of(rows, cell.id.model + " on " + cell.id.run_device);
    row.effect.max_abs = std::max(row.effect.max_abs, cell.as_exported->max_abs);
    row.effect.max_rel = std::max(row.effect.max_rel, cell.as_exported->max_rel);
  }
  std::vector<std::string> lines;
  for (const Row& row : rows) lines.push_back(row.who + ": " + describe(row.effect));
  return lines;
}

}  // namespace crosstrace::detail
