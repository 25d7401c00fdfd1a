// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Beginnings of a graph, run by TorchScript's plain interpreter. Used by `first_difference.cpp`.
#pragma once

#include <crosstrace/graph/written_tensors.h>
#include <crosstrace/observe/difference_side.h>
#include <torch/csrc/jit/ir/ir.h>

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace crosstrace::detail {

/// A value by its place, which is the same in graphs that were made alike.
struct ValuePlace {
  int node = -1;  ///< In the order of execution; -1 for an input of the graph.
  int index = 0;  ///< Among the outputs of the node, or the inputs of the graph.
};

/// The method of one side: all that it calls inlined, nothing optimised.
class GraphPrefix {
 public:
  GraphPrefix(const DifferenceSide& side, std::uint64_t seed);

  const torch::jit::Graph& graph() const noexcept { return *graph_; }
  const std::vector<torch::jit::Node*>& nodes() const noexcept { return nodes_; }
  ValuePlace place_of(const torch::jit::Value* value) const;
  torch::jit::Value* value_at(ValuePlace place) const;

  /// The values after the nodes up to and including `last` ran, all of one run.
  std::vector<c10::IValue> run(const std::vector<ValuePlace>& places, int last) const;

  /// What forward returns. To be called before `run`: it sees whether forward changes the module.
  c10::IValue run_all();

  /// Whether `run_all` changed the module.
  bool has_state() const noexcept { return has_state_; }

  /// Replaces a prim::If by the nodes of one of its blocks. @returns the index of the last of them.
  int take_branch(int node, bool condition);

 private:
  std::vector<c10::IValue> fresh_stack() const;
  std::vector<c10::IValue> interpret(const std::shared_ptr<torch::jit::Graph>& graph) const;
  void list_nodes();

  const DifferenceSide& side_;
  std::uint64_t seed_;
  torch::jit::Module module_;
  bool has_state_ = false;
  bool differentiates_;
  WrittenTensors written_;
  std::shared_ptr<torch::jit::Graph> graph_;
  std::vector<torch::jit::Node*> nodes_;
  std::unordered_map<const torch::jit::Node*, int> order_;
};

}  // namespace crosstrace::detail
