// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// `crosstrace check MODEL.pt --input SPEC...`
///
/// The way of its arguments, from main() to a cell:
/// 1. main.cpp lets each command describe its options; check_options.cpp fills in `CheckArguments`.
/// 2. `run_check_command` opens the archive, once (archive.h), and registers it as a model, with
///    what `--input` says (inputs.h) as its inputs.
/// 3. Devices, transfers and where the archive is at home become cells: `plan_cells`
///    (matrix/plan.h).
/// 4. All else becomes `RunOptions`, and `run_cells` (matrix/run.h) makes a `Session` of them.
/// 5. A `Cell` asks the session for its export, its inputs and the reference, and runs.
#pragma once

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
  int runs = 3;
  std::uint64_t seed = 0;
  std::string reference;  ///< `@file.pt`, or empty.
  std::string json;       ///< A file, or `-` for standard output, or empty.
  std::string junit;
  std::string html;
  std::vector<std::string> op_libraries;
  bool trust = false;  ///< Run an archive that reaches beyond its tensors.
  bool isolate = false;
  int timeout_s = 600;  ///< Of one cell, seconds; only with isolate.
};

/// Runs the matrix of one archive and reports on it. @returns the exit code.
/// @throws UsageError before anything ran, or if a report cannot be written.
int run_check_command(const CheckArguments& arguments);

}  // namespace crosstrace
