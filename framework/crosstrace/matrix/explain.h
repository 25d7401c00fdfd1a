// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Why a cell failed.
#pragma once

#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/matrix/session.h>

#include <chrono>
#include <cstddef>

namespace crosstrace {

class Cell;

struct FailedCell {
  std::size_t set = 0;
  std::chrono::steady_clock::duration took{};
};

/// For a cell that failed: narrows wrong answers and wrong devices to an operator, which becomes a
/// line of the message, and sets `causes`. The export is diagnosed if it was not yet. What dies on
/// the way leaves the result as it was.
/// @param failed how: with which input set, and how long the transfer and the calls took.
void explain(const Cell& cell, Session& session, const FailedCell& failed, CellResult& result);

}  // namespace crosstrace
