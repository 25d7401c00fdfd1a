// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The statistics of two tensors that are not both on the CPU. For use inside compare/ only.
#pragma once

#include <ATen/core/Tensor.h>
#include <crosstrace/compare/detail/vector_pass.h>
#include <crosstrace/compare/tolerance.h>

namespace crosstrace::detail {

/// A pair on one CUDA device is compared there, on its current stream, for which alone it waits,
/// and one record comes back. All others, and where the kernels are not to be had, move to the CPU
/// in chunks; what is found is the same.
/// @param actual strided, neither conjugated nor negated lazily.
/// @param expected the same, of the same dtype and shape.
/// @throws c10::Error if CUDA fails.
Statistics collect_device_statistics(const at::Tensor& actual, const at::Tensor& expected,
                                     const Tolerance& tolerance);

/// The whole tensor on the CPU; from CUDA through pinned buffers, if it is strided and no quantized
/// one.
at::Tensor bring_to_cpu(const at::Tensor& tensor);

}  // namespace crosstrace::detail
