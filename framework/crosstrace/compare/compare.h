// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Compares what a model returned with what it should have returned.
///
///     at::Tensor expected = at::ones({2, 3});
///     at::Tensor actual = expected.clone();
///     actual[1][2] = 1.5;
///     auto comparison = crosstrace::compare(actual, expected);
///     if (!comparison.matches()) std::cerr << comparison.message() << '\n';
///
/// prints
///
///     output: 1 of 6 elements (16.7%) differs by more than rtol 1.3e-06, atol 1e-05 (Float [2, 3]
///     on cpu)
///       greatest absolute difference 0.5 at [1, 2], allowed 1.13e-05
///       greatest relative difference 0.5 at [1, 2], allowed 1.13e-05
///       over atol: 1 element; over rtol: the same
///       smallest tolerance that matches: atol 0.5 (rtol 1.3e-06), or rtol 0.5 (atol 1e-05)
///       index: expected, actual, abs, rel
///       [1, 2]: 1, 1.5, 0.5, 0.5
#pragma once

#include <ATen/core/ivalue.h>
#include <crosstrace/compare/compare_options.h>
#include <crosstrace/compare/comparison.h>

namespace crosstrace {

/// Compares two values, leaf by leaf: tensors of every dtype and layout, tuples (named ones by
/// field), lists, dicts by key whatever their order, optionals, numbers, strings, devices, enums
/// and objects of TorchScript classes by attribute.
///
/// For each leaf the first of structure, shape, dtype, non-finite values, values and device that
/// differs is reported, so a right answer on the wrong device is `Difference::kDevice` and not
/// hidden by it, nor hiding wrong numbers. Nothing is broadcast or promoted: shapes and dtypes must
/// be equal, strides need not. A list of numbers is one leaf, an undefined tensor is None. A
/// reference made on the CPU may hold `Device` values that say `cpu`; with `options.device` they
/// stand for that device.
///
/// What holds no values to look at is refused as a difference of structure, with the reason:
/// streams, generators, custom C++ classes, tensors on the meta device, nested tensors.
///
/// Quantized tensors must agree in scheme, scale and zero point, then in their dequantized values,
/// as in torch.testing. Sparse tensors must agree in their indices, then in their values.
///
/// CPU tensors are read where they lie, whatever their strides, in one pass if they match, large
/// ones by LibTorch's intra-op threads. Two on one CUDA device are compared there, on its current
/// stream, for which alone this waits; other tensors come to the CPU in chunks.
///
/// @throws c10::Error if a device cannot compare or copy a tensor.
[[nodiscard]] Comparison compare(const c10::IValue& actual, const c10::IValue& expected,
                                 const CompareOptions& options = {});

}  // namespace crosstrace
