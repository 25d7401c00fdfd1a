// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What TF32 does to the models of a report, in words.
#pragma once

#include <crosstrace/matrix/cell_result.h>

#include <string>
#include <vector>

namespace crosstrace::detail {

/// One line for each model and run device with an export that would run in TF32: how far its
/// answers are then from those of the strict cells, at most.
std::vector<std::string> precision_lines(const std::vector<CellResult>& cells);

}  // namespace crosstrace::detail
