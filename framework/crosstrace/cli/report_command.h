// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// `crosstrace report`: many reports made one, and one held against another.
///
///     return crosstrace::run_merge_command({.target = "all.json", .reports = {"reports"}});
#pragma once

#include <string>
#include <vector>

namespace crosstrace {

struct MergeArguments {
  std::string target;                ///< JSON, or - for standard output.
  std::vector<std::string> reports;  ///< Files, and folders with *.json at any depth.
  std::string html;
  std::string junit;
  std::string sarif;
  bool github = false;
};

struct GateArguments {
  std::string ledger;
  std::vector<std::string> reports;
};

/// Writes what is asked for. @returns as `check` does; 1 also where reports contradict each other
/// or a shard is missing.
/// @throws UsageError naming the file that is no report, or the folder that holds none.
int run_merge_command(const MergeArguments& arguments);

/// Prints a line for each thing that the ledger has and the reports have lost. @returns 0 if there
/// is none, else 1.
/// @throws UsageError as `run_merge_command` does.
int run_gate_command(const GateArguments& arguments);

}  // namespace crosstrace
