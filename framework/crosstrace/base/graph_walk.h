// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Every node of a graph, and every function that a module may come to call.
///
///     torch::jit::Module module("Net");
///     module.define("def forward(self, x: Tensor):\n    return x.relu()\n");
///     crosstrace::for_each_function(module, [](torch::jit::GraphFunction& function) {
///       std::cout << function.name() << '\n';  // prints forward
///     });
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <functional>

namespace torch::jit {
struct GraphFunction;
struct Module;
}  // namespace torch::jit

namespace crosstrace {

/// In order, each before those of its blocks and of the graph that it runs as a task (`fork`).
void for_each_node(const torch::jit::Block& block,
                   const std::function<void(torch::jit::Node&)>& visit);

/// Of all that have a graph: methods of the module, of its submodules and of TorchScript classes,
/// and plain functions. Those that graphs call are in the same CompilationUnit; so are those of
/// other modules that share it.
void for_each_function(const torch::jit::Module& module,
                       const std::function<void(torch::jit::GraphFunction&)>& visit);

}  // namespace crosstrace
