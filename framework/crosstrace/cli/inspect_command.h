// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// `crosstrace inspect MODEL.pt`
#pragma once

#include <crosstrace/diagnose/finding.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// The command line, as it was typed.
struct InspectArguments {
  std::string archive;
  std::string json;   ///< A file, or `-` for standard output, or empty.
  std::string sarif;  ///< A file, or empty.
  std::vector<std::string> op_libraries;
  std::optional<Severity> fails_from = Severity::kWarning;  ///< Nothing for `never`.
};

/// Diagnoses an archive and reports on it; nothing in it is called, its tensors are not read.
/// @returns the exit code: 1 if there is a finding of `fails_from` or above.
/// @throws UsageError if the archive cannot be read; std::runtime_error if a report cannot be
/// written.
int run_inspect_command(const InspectArguments& arguments);

}  // namespace crosstrace
