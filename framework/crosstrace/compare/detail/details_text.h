// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The lines of a message about two tensors that differ. For use inside compare/ only.
#pragma once

#include <ATen/core/Tensor.h>
#include <crosstrace/compare/comparison.h>
#include <crosstrace/compare/detail/details.h>
#include <crosstrace/compare/tolerance.h>

#include <string>

namespace crosstrace::detail {

/// `2 of 3 elements (66.7%) differ by more than rtol 1.3e-06, atol 1e-05`
std::string headline(const LeafComparison& leaf, const Tolerance& tolerance);

/// The lines under it: where the worst are, how differences are spread, what tolerance would do,
/// and at most five elements. Each begins with a newline.
std::string describe(const Details& details, const LeafComparison& leaf, const at::Tensor& expected,
                     const Tolerance& tolerance);

}  // namespace crosstrace::detail
