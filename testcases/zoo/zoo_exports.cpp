// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include "zoo/zoo_exports.h"

#include <crosstrace/matrix/plan.h>
#include <crosstrace/matrix/run.h>

#include <algorithm>
#include <map>

namespace crosstrace::zoo {
namespace {

std::vector<ExportCells> run_all(const Model& model) {
  std::vector<ExportCells> exports;
  RunOptions options;
  options.stand_in = false;  // What a machine without a GPU does by itself is what rules predict.
  MatrixResult matrix = run_cells(options, plan_cells(model, devices()));
  for (CellResult& result : matrix.cells) {
    const bool is_new = exports.empty() || exports.back().id.export_kind != result.id.export_kind ||
                        exports.back().id.trace_device != result.id.trace_device;
    if (is_new) exports.push_back({result.id, {}});
    exports.back().cells.push_back(std::move(result));
  }
  return exports;
}

}  // namespace

const std::vector<std::string>& devices() {
  static const std::vector<std::string> all = {"cpu", "sim:0", "sim:1"};
  return all;
}

bool ExportCells::is_missing() const {
  return std::all_of(cells.begin(), cells.end(), [](const CellResult& cell) {
    const std::string first_words = std::string(to_string(cell.id.export_kind)) + " on ";
    return cell.message.starts_with(first_words);
  });
}

const std::vector<ExportCells>& exports_of(const Model& model) {
  static std::map<std::string, std::vector<ExportCells>> known;
  const auto [entry, is_new] = known.try_emplace(model.name);
  if (is_new) entry->second = run_all(model);
  return entry->second;
}

}  // namespace crosstrace::zoo
