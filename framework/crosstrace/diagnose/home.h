// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Where an export was made, and where else it should run.
#pragma once

#include <crosstrace/diagnose/diagnose_options.h>
#include <crosstrace/graph/program.h>

#include <string>
#include <vector>

namespace crosstrace::detail {

struct Home {
  std::string name;             ///< `unknown` if nothing tells.
  bool read_elsewhere = false;  ///< See Scenario.
};

/// As the options say; else the likeliest (archive/likely_homes.h), where the devices of parameters
/// and buffers stand for storages that nobody told.
Home find_home(const Program& program, const DiagnoseOptions& options);

/// Where an export from `home` should run as well: the CPU and two devices of a kind, so that an
/// index that is baked shows.
std::vector<std::string> other_devices(const std::string& home);

}  // namespace crosstrace::detail
