// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// `crosstrace devices [--json]`
#pragma once

namespace crosstrace {

/// Prints the declared devices, their states and reasons. @returns 0.
int run_devices_command(bool json);

}  // namespace crosstrace
