// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether a cell can run on this machine.
#pragma once

#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/models/cell_id.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// Looks at the devices that a cell needs: the run device and, where the export is made here, the
/// trace device.
/// @returns nothing if they are available; `skipped` with the device and the reason if one is
/// absent or was lost by an
///     earlier cell; `error` if one is broken, or absent although `required` names it or its type.
std::optional<Failure> why_not_runnable(const CellId& id, const std::vector<std::string>& required);

}  // namespace crosstrace
