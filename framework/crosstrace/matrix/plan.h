// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which cells a model has.
///
///     for (const crosstrace::CellId& id : crosstrace::plan_cells(model, {"cpu", "cuda:0",
///     "sim:0"}))
///       std::cout << id.describe() << '\n';
#pragma once

#include <crosstrace/models/cell_id.h>
#include <crosstrace/models/model.h>

#include <string>
#include <vector>

namespace crosstrace {

/// Every pair of trace device and run device among `devices`, whether they are there or not, for
/// every export of the model. An archive has one trace device, see `archive_trace_device`.
/// @param transfers empty: `to` and `load` for every pair, `as_traced` where both devices are the
/// same.
std::vector<CellId> plan_cells(const Model& model, const std::vector<std::string>& devices,
                               const std::vector<Transfer>& transfers = {});

/// The cells of all registered models over the declared devices; models that cannot be run have
/// none.
std::vector<CellId> plan_registered_cells();

}  // namespace crosstrace
