// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The first operator of an export that answers otherwise on one device than on another.
///
///     crosstrace::FirstDifference blame = crosstrace::find_first_difference(
///         {moved_to_cpu, cpu_inputs}, {moved_to_gpu, gpu_inputs}, {.run_device = "cuda:0"});
///     std::cerr << blame.message << '\n';
///
/// prints
///
///     first differs at aten::softmax (model.py:31), output: 4 of 12 elements (33.3%) differ by ...
#pragma once

#include <crosstrace/observe/difference.h>
#include <crosstrace/observe/difference_side.h>

namespace crosstrace {

/// Calls the method of both sides, without TorchScript's optimiser, and if they differ calls shorter
/// and shorter beginnings of it, so that at any time only the operands of one operator are kept of
/// either side. The number of calls grows with the logarithm of the number of operators. Nothing is taken
/// out of a beginning but its end, so random operators draw the same numbers in each.
///
/// A loop is one operator; of a branch the operators are looked at. Synchronises with both devices.
///
/// @throws what forward throws.
FirstDifference find_first_difference(const DifferenceSide& reference, const DifferenceSide& run,
                                      const DifferenceOptions& options);

}  // namespace crosstrace
