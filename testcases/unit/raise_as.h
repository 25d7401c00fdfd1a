// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// `raise ValueError(...)`, which Python writes into archives and C++ cannot compile.
#pragma once

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include <string>

namespace crosstrace {

/// Makes what asserts in `block` raise an exception of a class, `builtins.ValueError`.
inline void raise_as(torch::jit::Block& block, const std::string& name, const std::string& words) {
  for (torch::jit::Node* node : block.nodes()) {
    for (torch::jit::Block* inner : node->blocks()) raise_as(*inner, name, words);
    if (node->kind() != c10::prim::RaiseException) continue;
    const torch::jit::WithInsertPoint before(node);
    torch::jit::Graph& graph = *node->owningGraph();
    node->removeAllInputs();
    node->addInput(graph.insertConstant(words));
    node->addInput(graph.insertConstant(name));
  }
}

inline void raise_as(torch::jit::Module& module, const std::string& method, const std::string& name,
                     const std::string& words) {
  raise_as(*module.get_method(method).graph()->block(), name, words);
}

}  // namespace crosstrace
