// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/unsafe_code.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/operators/unsafe_operators.h>
#include <torch/csrc/jit/api/function_impl.h>

namespace crosstrace::detail {

bool has_unsafe_operators(const torch::jit::Module& module) {
  bool found = false;
  for_each_function(module, [&](torch::jit::GraphFunction& function) {
    for_each_node(*function.graph()->block(),
                  [&](const torch::jit::Node& node) { found |= !why_unsafe(node).empty(); });
  });
  return found;
}

}  // namespace crosstrace::detail
