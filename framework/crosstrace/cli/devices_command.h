// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// `crosstrace devices [--json] [--ctest-spec FILE]`
#pragma once

#include <string>

namespace crosstrace {

/// Prints the declared devices, their states and reasons.
/// @param ctest_spec where to write the GPUs that can be used, as a resource spec for CTest; empty:
/// nowhere.
/// @returns 0; with `ctest_spec` 77, after one line on stderr and without writing anything, if there
/// is no GPU, and 1 if there is one and it is broken.
/// @throws std::runtime_error if the file cannot be written.
int run_devices_command(bool json, const std::string& ctest_spec);

}  // namespace crosstrace
