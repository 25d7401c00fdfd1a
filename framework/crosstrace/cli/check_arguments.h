// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What `crosstrace check` was asked.
#pragma once

#include <crosstrace/cli/isolation.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// The command line, as it was typed.
struct CheckArguments {
  std::string archive;
  std::vector<std::string> inputs;  ///< `SPEC` or `METHOD:SPEC`, one for each argument.
  std::optional<std::string> devices;
  std::vector<std::string> transfers;
  std::optional<std::string> required;
  std::optional<double> rtol;
  std::optional<double> atol;
  bool stand_in = true;
  std::optional<std::string> tolerance;  ///< `evidence` or `fixed`.
  std::string precision = "strict";
  std::string blame = "auto";  ///< `auto`, `full` or `none`.
  int runs = 3;
  std::uint64_t seed = 0;
  std::string reference;  ///< `@file.pt`, or empty.
  std::string json;       ///< A file, or `-` for standard output, or empty.
  std::string junit;
  std::string html;
  std::vector<std::string> op_libraries;
  bool trust = false;  ///< Run an archive that reaches beyond its tensors.
  Isolation isolation = Isolation::kNone;
  int timeout_s = 600;  ///< Of one cell, seconds; only with isolation.
};

}  // namespace crosstrace
