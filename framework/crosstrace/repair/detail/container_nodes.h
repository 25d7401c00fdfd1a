// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Lists, tuples, dicts and objects of TorchScript classes taken apart, and put together again in a
/// graph.
#pragma once

#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/ir/ir.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace::detail {

/// What two values must have in common to be put together by the same nodes: all but their tensors.
/// Nothing for a value that holds something else than tensors, numbers, strings and None in lists,
/// tuples, dicts and objects.
std::optional<std::string> structure_of(const c10::IValue& value);

/// A tensor of a container, and a name for it: `levels_0`, `named_mean`.
struct Leaf {
  std::string name;
  at::Tensor tensor;
};

/// The tensors in the order of the container, depth first.
std::vector<Leaf> leaves_of(const c10::IValue& value, const std::string& name);

/// Inserts the nodes that make the value.
/// @param next_tensor inserts what reads the next tensor, in the order of `leaves_of`.
torch::jit::Value* rebuild(torch::jit::Graph& graph, const c10::IValue& value, c10::TypePtr type,
                           const std::function<torch::jit::Value*()>& next_tensor);

}  // namespace crosstrace::detail
