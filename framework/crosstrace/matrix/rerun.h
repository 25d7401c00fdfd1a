// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Runs a cell again with one thing changed, to see whether that is why it failed: a cause is
/// shown, not guessed.
#pragma once

#include <cstddef>

namespace crosstrace {

class Cell;
struct RunOptions;

/// LibTorch profiles the first call of an export and fuses kernels for the later ones, which then
/// may round less often. Calls a fresh copy of the export as often as the cell did, with the fuser
/// off. Synchronises with the run device.
/// @param set the input set with which calls differed.
/// @returns whether they agree then.
/// @throws what the export throws.
bool agrees_without_fuser(const Cell& cell, const RunOptions& options, std::size_t set);

/// Calls two fresh copies of the export with the same inputs and other seeds of LibTorch's
/// generators. Synchronises with the run device.
/// @returns whether their answers differ in any bit, so that random numbers are in them.
/// @throws what the export throws.
bool depends_on_seed(const Cell& cell, const RunOptions& options, std::size_t set);

}  // namespace crosstrace
