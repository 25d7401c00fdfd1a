// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a method really computes: LibTorch drops the rest before it runs.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <unordered_set>
#include <vector>

namespace crosstrace {

/// Nodes on which the results of the graph, or an effect, depend. Takes time in proportion to the
/// number of nodes.
class Liveness {
 public:
  explicit Liveness(torch::jit::Graph& graph);

  bool is_live(const torch::jit::Node& node) const { return live_.count(&node) > 0; }

 private:
  void find_effects(torch::jit::Block& block);
  void mark(torch::jit::Node* node);
  void mark_inputs(const torch::jit::Node& node);

  std::unordered_set<const torch::jit::Node*> live_;
  std::vector<torch::jit::Node*> pending_;
};

}  // namespace crosstrace
