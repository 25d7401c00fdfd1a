// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Where an archive was made.
///
///     std::string home = crosstrace::archive_trace_device("model.pt");  // "cpu", "cuda:0",
///     "unknown"
#pragma once

#include <string>

namespace crosstrace {

/// The device that the device literals in the archive's graphs name if they name one, else the one
/// that all its storages were on; `unknown` if neither says so or the file cannot be read. Loads
/// the archive onto the CPU once a path.
std::string archive_trace_device(const std::string& path);

}  // namespace crosstrace
