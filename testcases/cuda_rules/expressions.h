// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Operator calls written as TorchScript expressions over a fixed set of arguments, which can be
/// made on any device.
///
/// The arguments: a, b float [3,4] in (0,1) · v float [4] · s float [4,4] positive definite · t
/// float [4,3], a transposed view · n, k int64 [3,4] · i int64 [3] in 0..2 · m bool [3,4] · c
/// complex [3,4] · z float, 0-dim · e float [0,4] · x1 float [2,3,8] · x2 float [2,3,8,8] · x3
/// float [1,2,4,4,4].
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/compilation_unit.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace crosstrace::cuda_rules {

/// The names of the arguments, in the order in which a compiled expression takes them.
const std::vector<std::string>& argument_names();

/// The value of an argument on the CPU: the same in every process.
const at::Tensor& argument_value(size_t argument);

/// A copy of `value`, which stands for `argument`, on `device`. The one argument that is a
/// transposed view is one there too.
at::Tensor place_argument(size_t argument, const at::Tensor& value, c10::Device device);

/// Where an expression names an argument.
struct Place {
  size_t argument;
  size_t begin;
  size_t end;
};

/// Every place, from left to right: not in strings, not after a dot, not as a keyword.
std::vector<Place> find_places(const std::string& expression);

/// The statements of a function that returns the expression. TorchScript removes a call that only
/// writes to a list that nobody looks at; here the list is returned.
std::string body_of(const std::string& expression);

/// The statements that put `d`, of this dtype, in place of each `%` of the expression.
std::string body_with_dtype(std::string expression, const std::string& dtype);

/// A unit with one function `f` that takes tensors of these names.
/// @throws c10::Error or torch::jit::ErrorReport if it is not TorchScript.
std::shared_ptr<torch::jit::CompilationUnit> compile(const std::string& body,
                                                     const std::vector<std::string>& names);

/// Operators that take most dtypes, `%` for the tensor; and the dtypes.
const std::vector<std::string>& dtype_expressions();
const std::vector<std::string>& dtype_names();

}  // namespace crosstrace::cuda_rules
