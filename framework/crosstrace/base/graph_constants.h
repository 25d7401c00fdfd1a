// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Tensors that lie in a graph, as nodes `prim::Constant`.
///
///     auto copy = graph->copy();            // Shares its tensors with `graph`.
///     crosstrace::copy_constants(*copy->block());  // Now it does not.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace crosstrace {

/// Gives every constant of the block that is a tensor, or holds some, tensors of its own, also in
/// blocks within it: operators may write into a constant, and `Graph::copy` shares them.
void copy_constants(torch::jit::Block& block);

}  // namespace crosstrace
