// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Inlines what the methods of a module call, in place.
#pragma once

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace crosstrace::detail {

/// Methods of modules are inlined in their own graphs, functions and methods of TorchScript classes
/// in copies, because other modules may share them.
class Inliner {
 public:
  /// @param modules every submodule, the module itself included, each once.
  explicit Inliner(const std::vector<torch::jit::Module>& modules);

  /// Inlines all that `function`, a method of a module, calls. What cannot be told stays a call: a
  /// method of an interface that instances of one class implement differently, a recursion, a
  /// compiled operator.
  void inline_method(torch::jit::Function& function);

  /// True if another method calls it.
  bool is_called(const torch::jit::Function& function) const {
    return called_.count(&function) > 0;
  }

 private:
  struct Callee {
    torch::jit::Function* function = nullptr;
    std::string instance;  ///< Path of the object relative to the caller's, for call stacks.
  };

  void inline_graph(torch::jit::Graph& graph);
  void inline_block(torch::jit::Block& block);
  void inline_fork(torch::jit::Node& fork);
  Callee callee_of(torch::jit::Node& node) const;
  torch::jit::Function* method_of_instances(torch::jit::Node& node,
                                            const std::vector<std::string>& path) const;
  torch::jit::Graph* inlined_body(torch::jit::Function& function);
  bool inline_call(torch::jit::Node& node);
  void replace(torch::jit::Node& call, const Callee& callee, torch::jit::Graph& body);

  std::unordered_map<const c10::ClassType*, std::vector<torch::jit::Module>> instances_;
  std::unordered_set<const torch::jit::Function*> methods_;
  std::unordered_set<const torch::jit::Function*> called_;
  std::unordered_set<const torch::jit::Function*> in_progress_;
  std::unordered_map<const torch::jit::Function*, std::shared_ptr<torch::jit::Graph>> bodies_;
  std::vector<torch::jit::Node*> function_constants_;  ///< Of calls that are gone.
  std::size_t inserted_ = 0;
};

}  // namespace crosstrace::detail
