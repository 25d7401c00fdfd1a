// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Why a cell failed.
#pragma once

#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/matrix/session.h>

#include <cstddef>

namespace crosstrace {

class Cell;

/// For a cell that failed: narrows wrong answers and wrong devices to an operator, which becomes a
/// line of the message, and sets `causes`. The export is diagnosed if it was not yet. What dies on
/// the way leaves the result as it was.
/// @param set the input set with which it failed.
void explain(const Cell& cell, Session& session, std::size_t set, CellResult& result);

}  // namespace crosstrace
