// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether the elements of two tensors match, and how far they lie apart. For use inside compare/
/// only.
#pragma once

#include <ATen/core/Tensor.h>
#include <crosstrace/compare/detail/vector_pass.h>
#include <crosstrace/compare/tolerance.h>

namespace crosstrace::detail {

/// One pass over both, in place, whatever their strides, with LibTorch's intra-op threads.
/// @param actual on the CPU, neither conjugated nor negated lazily.
/// @param expected the same, of the same dtype and shape.
Statistics collect_statistics(const at::Tensor& actual, const at::Tensor& expected,
                              const Tolerance& tolerance);

/// What two parts of a whole have found.
void merge(Statistics& total, const Statistics& part);

}  // namespace crosstrace::detail
