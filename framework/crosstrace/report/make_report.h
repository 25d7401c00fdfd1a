// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A report about a run of this process.
///
///     auto result = crosstrace::run_cells(options, crosstrace::plan_registered_cells());
///     auto devices = crosstrace::probe_devices(crosstrace::declared_devices());
///     auto report = crosstrace::make_report(std::move(devices), std::move(result));
#pragma once

#include <crosstrace/matrix/matrix_result.h>
#include <crosstrace/report/report.h>

#include <vector>

namespace crosstrace {

/// Adds the versions of CrossTrace and LibTorch.
/// @param devices that the matrix declares, looked at after the run: a cell may have lost one.
Report make_report(std::vector<DeviceInfo> devices, MatrixResult result);

/// 0 if cells ran and all of them passed, 1 if one failed or proves nothing, 77 if none could run.
int exit_code(const Report& report) noexcept;

}  // namespace crosstrace
