// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which cells a model has.
///
///     const crosstrace::Model model = crosstrace::ModelBuilder("Double", {"double.cpp", 1})
///                                         .function([](at::Tensor x) { return 2 * x; })
///                                         .inputs([] { return at::rand({3}); })
///                                         .build();
///     for (const crosstrace::CellId& id : crosstrace::plan_cells(model, {"cpu", "sim:0"}))
///       std::cout << id.describe() << '\n';
///
/// prints
///
///     Double: trace on cpu, as_traced, run on cpu
///     Double: trace on cpu, to, run on cpu
///     Double: trace on cpu, load, run on cpu
///     Double: trace on cpu, to, run on sim:0
///     ...
#pragma once

#include <crosstrace/matrix/archive_home.h>
#include <crosstrace/models/cell_id.h>
#include <crosstrace/models/model.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// Every pair of trace device and run device among `devices`, whether they are there or not, for
/// every method that has inputs (a trace has forward alone) of every export of the model. An archive
/// has one trace device, see `Archive::home`.
/// @param transfers empty: `to` and `load` for every pair, `as_traced` where both devices are the
/// same, or one stands in for the other.
/// @param whereabouts of an archive, where they are known; else its program is read, without its
/// weights. Nothing here looks at a device.
std::vector<CellId> plan_cells(const Model& model, const std::vector<std::string>& devices,
                               const std::vector<Transfer>& transfers = {},
                               const std::optional<Whereabouts>& whereabouts = {});

/// The cells of all registered models over the declared devices; models that cannot be run have
/// none.
/// @throws std::invalid_argument if CROSSTRACE_DEVICES is wrong.
std::vector<CellId> plan_registered_cells();

}  // namespace crosstrace
