// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// `crosstrace repair MODEL.pt -o FIXED.pt`
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// The command line, as it was typed.
struct RepairArguments {
  std::string archive;
  std::string target;
  std::vector<std::string> inputs;  ///< `SPEC` or `METHOD:SPEC`, one for each argument.
  std::optional<std::string> devices;
  bool stand_in = true;
  std::optional<std::string> tolerance;  ///< `evidence` or `fixed`.
  std::string precision = "strict";      ///< Of the proof.
  std::string json;                      ///< A file, or `-` for standard output, or empty.
  std::vector<std::string> op_libraries;
  bool trust = false;  ///< Run an archive that reaches beyond its tensors.
};

/// Repairs an archive, proves that the repaired one answers as before and everywhere, and writes
/// it.
/// @returns the exit code: 1 if nothing was written or something is left to be repaired.
/// @throws UsageError before anything ran: without inputs, or if the archive cannot be read.
int run_repair_command(const RepairArguments& arguments);

}  // namespace crosstrace
