// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Asks the referee about one leaf. For use inside compare/ only.
#pragma once

#include <ATen/core/Tensor.h>
#include <crosstrace/compare/compare_options.h>
#include <crosstrace/compare/comparison.h>

namespace crosstrace::detail {

/// Where the leaf's numbers differ and `options` have a referee, sets its evidence, and takes the
/// difference away if it is noise; else the first line of its message says how many times the noise
/// it is. All tensors are contiguous and on the CPU.
void weigh(LeafComparison& leaf, const at::Tensor& actual, const at::Tensor& expected,
           const CompareOptions& options);

}  // namespace crosstrace::detail
