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
/// 4. All else becomes `RunOptions`. `CellProcesses` (isolate.h) forks a process for both, in which
///    `run_cells` (matrix/run.h) makes a `Session` of them.
/// 5. A `Cell` asks the session for its export, its inputs and the reference, and runs.
#pragma once

#include <crosstrace/cli/check_arguments.h>

namespace crosstrace {

/// Runs the matrix of one archive and reports on it. @returns the exit code.
/// @throws UsageError before anything ran, or if a report cannot be written.
int run_check_command(const CheckArguments& arguments);

}  // namespace crosstrace
