// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether a run still looks at all that it once looked at.
///
///     crosstrace::Report ledger;
///     ledger.cells = crosstrace::run_cells({}, crosstrace::plan_registered_cells()).cells;
///     for (const std::string& line : crosstrace::what_vanished(ledger, {}, {}))
///       std::cout << line << '\n';
#pragma once

#include <crosstrace/report/report.h>

#include <string>
#include <vector>

namespace crosstrace {

/// What the ledger, a report that was kept, promises and `report` does not hold, a line each: cells
/// that are gone, or ran on more machines than now; that nothing ran; devices of which every cell was
/// skipped, though cells of the ledger ran on one of that type, or it is among `required`. Verdicts
/// are not looked at.
/// @param required names or types of devices, such as `cuda`.
std::vector<std::string> what_vanished(const Report& ledger, const Report& report,
                                       const std::vector<std::string>& required);

}  // namespace crosstrace
