// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The operator that a node of a graph calls.
///
///     const torch::jit::Value* dim = crosstrace::find_argument(node, "dim");
#pragma once

#include <ATen/core/operator_name.h>
#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <string>

namespace crosstrace {

/// The operator that LibTorch's dispatcher calls for this node; none for what only the interpreter
/// knows (`prim::ListConstruct`, `aten::len`).
std::optional<c10::OperatorName> dispatched_operator(const torch::jit::Node& node);

/// What a node passes for the argument of this name; null if its operator has no such argument, or
/// it has no operator.
const torch::jit::Value* find_argument(const torch::jit::Node& node, const std::string& name);

}  // namespace crosstrace
