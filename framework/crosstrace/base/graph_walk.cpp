// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/api/module.h>

namespace crosstrace {

namespace jit = torch::jit;

void for_each_node(const jit::Block& block, const std::function<void(jit::Node&)>& visit) {
  for (jit::Node* node : const_cast<jit::Block&>(block).nodes()) {
    visit(*node);
    for (const jit::Block* inner : node->blocks()) for_each_node(*inner, visit);
    if (node->hasAttribute(c10::attr::Subgraph)) {
      for_each_node(*node->g(c10::attr::Subgraph)->block(), visit);
    }
  }
}

void for_each_function(const jit::Module& module,
                       const std::function<void(jit::GraphFunction&)>& visit) {
  for (jit::Function* function : module._ivalue()->compilation_unit()->get_functions()) {
    auto* with_graph = jit::tryToGraphFunction(*function);
    if (with_graph == nullptr) continue;
    function->ensure_defined();
    visit(*with_graph);
  }
}

}  // namespace crosstrace
