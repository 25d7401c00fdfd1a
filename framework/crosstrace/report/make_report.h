// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A report about a run of this process.
///
///     auto result = crosstrace::run_cells({}, crosstrace::plan_registered_cells());
///     auto devices = crosstrace::probe_devices(crosstrace::declared_devices());
///     const auto report = crosstrace::make_report(std::move(devices), std::move(result));
///     std::cout << crosstrace::exit_code(report) << '\n';  // prints 0
#pragma once

#include <crosstrace/devices/stand_in.h>
#include <crosstrace/matrix/matrix_result.h>
#include <crosstrace/report/report.h>

#include <vector>

namespace crosstrace {

/// Adds the versions of CrossTrace and LibTorch, and the name of the machine (RUNNER_NAME, else the
/// host's).
/// @param devices that the matrix declares, looked at after the run: a cell may have lost one.
Report make_report(std::vector<DeviceInfo> devices, MatrixResult result);

/// Says in the rows of devices what stands in for them. @param asks_for_cuda the archive's program
/// asks if a tensor is on CUDA, which is said too, since nothing can stand in for the answer.
void add_stand_ins(Report& report, const StandIns& stand_ins, bool asks_for_cuda);

/// 0 if cells ran and all of them passed, 1 if one failed or proves nothing, 77 if none could run.
int exit_code(const Report& report) noexcept;

}  // namespace crosstrace
