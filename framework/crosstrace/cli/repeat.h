// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How to run one cell of a check again.
#pragma once

#include <crosstrace/cli/check_arguments.h>
#include <crosstrace/models/cell_id.h>

#include <string>

namespace crosstrace {

/// `crosstrace check model.pt --input 'float32[2,3]' --transfer to --devices sim:0`: a line for a
/// shell that runs the cell with all that was asked of it, and writes no report.
std::string command_for(const CheckArguments& arguments, const CellId& id);

}  // namespace crosstrace
