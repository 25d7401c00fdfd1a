// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// `crosstrace check MODEL.pt --input SPEC...`
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// The command line, as it was typed.
struct CheckArguments {
  std::string archive;
  std::vector<std::string> inputs;  ///< One SPEC for each argument of forward.
  std::optional<std::string> devices;
  std::optional<std::string> transfers;
  std::optional<std::string> required;
  std::optional<double> rtol;
  std::optional<double> atol;
  int runs = 3;
  std::uint64_t seed = 0;
  std::string reference;  ///< `@file.pt`, or empty.
  std::string json;       ///< A file, or `-` for standard output, or empty.
  std::string junit;
  std::string html;
  std::vector<std::string> op_libraries;
  bool isolate = false;
  int timeout_s = 600;  ///< Of one cell, seconds; only with isolate.
};

/// Runs the matrix of one archive and reports on it. @returns the exit code.
/// @throws UsageError before anything ran, or if a report cannot be written.
int run_check_command(const CheckArguments& arguments);

}  // namespace crosstrace
