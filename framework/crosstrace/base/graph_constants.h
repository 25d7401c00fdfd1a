// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Tensors that lie in a graph, as nodes `prim::Constant`.
///
///     auto copy = graph->copy();            // Shares its tensors with `graph`.
///     crosstrace::copy_constants(*copy->block());  // Now it does not.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/ir/ir.h>

#include <functional>

namespace crosstrace {

/// Gives every constant of the block that is a tensor, or holds some, tensors of its own, also in
/// blocks within it: operators may write into a constant, and `Graph::copy` shares them.
void copy_constants(torch::jit::Block& block);

/// The same with what `replace` gives for each tensor; numbers that an operator took as tensors stay
/// such.
void replace_constants(torch::jit::Block& block,
                       const std::function<at::Tensor(const at::Tensor&)>& replace);

}  // namespace crosstrace
