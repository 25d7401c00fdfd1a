// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One leaf of an output, and how its difference is put into words. For use inside compare/ only.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/FunctionRef.h>
#include <crosstrace/compare/compare_options.h>
#include <crosstrace/compare/comparison.h>
#include <crosstrace/compare/detail/element.h>

#include <string>
#include <vector>

namespace crosstrace::detail {

/// A leaf that differs in `difference`; its message is `path: what`.
LeafComparison differing_leaf(const std::string& path, const std::string& dtype,
                              Difference difference, const std::string& what);

/// The same for a leaf that is already described.
void set_difference(LeafComparison& leaf, Difference difference, const std::string& what);

/// Fills in what a comparison of the elements of two tensors of one dtype and shape finds, the
/// evidence included if `options` ask for it. `leaf` already says what it is; `where`, asked only
/// if it differs, follows the numbers in the message: `Float [2, 3] on cpu`.
void compare_elements(LeafComparison& leaf, const at::Tensor& actual, const at::Tensor& expected,
                      const Tolerance& tolerance, c10::function_ref<std::string()> where,
                      const CompareOptions& options);

/// A single number that lies outside any tensor. `actual` and `expected` are written as they are
/// shown.
void set_number_difference(LeafComparison& leaf, const ElementDifference& difference,
                           const std::string& actual, const std::string& expected);

/// True where a tensor on `actual` is where one on `wanted` should be: an index that is not given
/// matches any.
bool is_on(c10::Device actual, c10::Device wanted);

/// All leaves of two tensors: one, or several for sparse and quantized ones.
void compare_tensors(const at::Tensor& actual, const at::Tensor& expected, const std::string& path,
                     const CompareOptions& options, std::vector<LeafComparison>& leaves);

}  // namespace crosstrace::detail
