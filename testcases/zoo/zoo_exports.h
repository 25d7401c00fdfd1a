// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The exports of a model of the zoo, and what their cells did; each is made and run once.
#pragma once

#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/models/model.h>

#include <string>
#include <vector>

namespace crosstrace::zoo {

/// Devices of the matrix; there without a GPU.
const std::vector<std::string>& devices();

/// One export of a model, with the cells that run it.
struct ExportCells {
  CellId id;  ///< Kind and trace device count.
  std::vector<CellResult> cells;

  /// It could not be made: its cells say why.
  bool is_missing() const;
};

/// By kind and trace device, in the order of the plan.
const std::vector<ExportCells>& exports_of(const Model& model);

}  // namespace crosstrace::zoo
