// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/base/module_tensors.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <unordered_set>

namespace crosstrace {

std::vector<at::Tensor> tensors_of(const torch::jit::Module& module) {
  std::vector<at::Tensor> tensors;
  std::unordered_set<const c10::TensorImpl*> seen;
  const auto add = [&](const c10::IValue& value) {
    value.visit([&](const c10::IValue& part) {
      const bool is_new = part.isTensor() && part.toTensor().defined() &&
                          seen.insert(part.toTensor().unsafeGetTensorImpl()).second;
      if (is_new) tensors.push_back(part.toTensor());
      return false;
    });
  };
  add(module._ivalue());
  for_each_function(module, [&](torch::jit::GraphFunction& function) {
    for_each_node(*function.graph()->block(), [&](torch::jit::Node& node) {
      if (node.kind() != c10::prim::Constant) return;
      if (const auto value = torch::jit::toIValue(node.output())) add(*value);
    });
  });
  return tensors;
}

}  // namespace crosstrace
