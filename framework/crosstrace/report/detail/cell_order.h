// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Cells of several reports in the order of one. For use inside report/ only.
#pragma once

#include <crosstrace/devices/device_info.h>
#include <crosstrace/matrix/cell_result.h>

#include <vector>

namespace crosstrace::detail {

/// Sorts cells as a run plans them: by model, method, test and machine in the order in which these
/// first come, then by export, trace device, run device and transfer. Devices come in the order of
/// `devices`, those that it lacks last. Shards bring every third cell, say, of all tables.
void sort_as_planned(std::vector<CellResult>& cells, const std::vector<DeviceInfo>& devices);

}  // namespace crosstrace::detail
