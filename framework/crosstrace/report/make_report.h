// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A report about a run of this process.
///
///     auto result = crosstrace::run_cells(options, crosstrace::plan_registered_cells());
///     auto report = crosstrace::make_report(crosstrace::declared_devices(), std::move(result));
#pragma once

#include <crosstrace/matrix/matrix_result.h>
#include <crosstrace/report/report.h>

#include <string>
#include <vector>

namespace crosstrace {

/// Adds the versions of CrossTrace and LibTorch, and the states that `devices` are in by now.
Report make_report(const std::vector<std::string>& devices, MatrixResult result);

/// 0 if cells ran and all of them passed, 1 if one failed or proves nothing, 77 if none could run.
int exit_code(const Report& report) noexcept;

}  // namespace crosstrace
