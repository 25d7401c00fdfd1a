// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What every writer of `crosstrace repair` is given.
///
///     crosstrace::RepairResult result;
///     result.archive = "model.pt";
///     result.home = "cpu";
///     result.why_not = "no device to prove it on";
///     const auto report = crosstrace::make_repair_report(std::move(result));
///     std::cout << crosstrace::exit_code(report) << '\n';  // prints 1
#pragma once

#include <crosstrace/repair/repair_result.h>

#include <string>

namespace crosstrace {

struct RepairReport {
  std::string tool_version;
  std::string libtorch_version;
  RepairResult result;
};

/// Adds the versions of CrossTrace and LibTorch.
RepairReport make_repair_report(RepairResult result);

/// 0 if the archive was written and nothing is left to be repaired, else 1.
int exit_code(const RepairReport& report) noexcept;

}  // namespace crosstrace
