// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What TF32 does to one cell.
///
///     if (const auto effect = crosstrace::as_exported_effect(cell, session, answers))
///       std::cout << "up to " << effect->max_abs << " from strict\n";
#pragma once

#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/matrix/session.h>

#include <cstddef>
#include <optional>
#include <vector>

namespace crosstrace {

class Cell;

/// How far the export, run on the cell's device as it is, answers from its strict answer: one call
/// with each input set. None if it would not run in TF32, if the run device is neither CUDA nor
/// simulated, or if it cannot be called. Synchronises with the run device.
/// @param strict what it answers to the first input sets in strict precision.
std::optional<PrecisionEffect> as_exported_effect(const Cell& cell, const Session& session,
                                                  const std::vector<c10::IValue>& strict);

/// Whether a cell that mismatches would match if it were run strictly. Asked for cells that allow
/// TF32, on CUDA and simulated devices; false elsewhere.
/// @param set the input set with which it mismatched.
bool matches_strictly(const Cell& cell, Session& session, std::size_t set);

}  // namespace crosstrace
