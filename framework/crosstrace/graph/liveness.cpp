// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/graph/liveness.h>

namespace crosstrace {
namespace {

namespace jit = torch::jit;

bool has_effect(const jit::Node& node) {
  switch (node.kind()) {
    case c10::prim::CallMethod:
    case c10::prim::CallFunction:
    case c10::prim::SetAttr:
    case c10::prim::fork:
      return true;
    default:
      break;
  }
  const jit::Operator* op = node.maybeOperator();
  if (op == nullptr && node.kind().is_aten()) return true;
  return node.hasSideEffects() || (op != nullptr && op->schema().is_mutable());
}

}  // namespace

Liveness::Liveness(jit::Graph& graph) {
  mark_inputs(*graph.return_node());
  find_effects(*graph.block());
  while (!pending_.empty()) {
    const jit::Node* node = pending_.back();
    pending_.pop_back();
    mark_inputs(*node);
    if (node->kind() == c10::prim::fork) mark_inputs(*node->g(c10::attr::Subgraph)->return_node());
    for (const jit::Block* block : node->blocks()) mark_inputs(*block->return_node());
  }
}

void Liveness::find_effects(jit::Block& block) {
  for (jit::Node* node : block.nodes()) {
    if (has_effect(*node)) mark(node);
    for (jit::Block* inner : node->blocks()) find_effects(*inner);
    if (node->kind() == c10::prim::fork) find_effects(*node->g(c10::attr::Subgraph)->block());
  }
}

/// What stands around a live node is live too.
void Liveness::mark(jit::Node* node) {
  while (node != nullptr && live_.insert(node).second) {
    pending_.push_back(node);
    node = node->owningBlock()->owningNode();
  }
}

void Liveness::mark_inputs(const jit::Node& node) {
  for (const jit::Value* input : node.inputs()) {
    jit::Node* producer = const_cast<jit::Node*>(input->node());
    // A value of a loop's body or of the graph's inputs: its block stands inside its node.
    if (producer->kind() == c10::prim::Param) producer = producer->owningBlock()->owningNode();
    if (producer != nullptr) mark(producer);
  }
}

}  // namespace crosstrace
