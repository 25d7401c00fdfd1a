// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Files that are whole or not there.
#pragma once

#include <filesystem>
#include <string_view>

namespace crosstrace {

/// Writes under a temporary name in the same folder and renames it, so that a reader never sees
/// half a report, nor loses the old one if the disk is full. What is not an ordinary file, a pipe
/// or /dev/stdout, is written to as it is.
///
///     crosstrace::write_file("out/report.xml", crosstrace::to_junit(report));
///
/// @throws std::runtime_error `cannot write out/report.xml: No such file or directory`.
void write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace crosstrace
