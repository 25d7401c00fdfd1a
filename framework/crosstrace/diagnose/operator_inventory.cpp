// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/diagnose/operator_inventory.h>
#include <crosstrace/operators/kernel_lookup.h>
#include <crosstrace/operators/node_operator.h>

#include <map>
#include <unordered_map>

namespace crosstrace {

std::vector<OperatorUse> operator_inventory(const Program& program,
                                            const std::vector<std::string>& targets) {
  std::unordered_map<c10::OperatorName, int> counts;
  for (const InlinedMethod& method : program.methods()) {
    if (method.reached) continue;
    for_each_node(*method.graph->block(), [&](torch::jit::Node& node) {
      if (const auto name = dispatched_operator(node)) ++counts[*name];
    });
  }
  std::map<std::string, OperatorUse> uses;
  for (const auto& [name, count] : counts) {
    OperatorUse use{c10::toString(name), count, {}};
    for (const std::string& target : targets)
      use.kernels[target] = find_kernel(name, target).has_kernel;
    uses.emplace(use.name, std::move(use));
  }
  std::vector<OperatorUse> sorted;
  for (auto& [name, use] : uses) sorted.push_back(std::move(use));
  return sorted;
}

}  // namespace crosstrace
