// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/dispatch/Dispatcher.h>
#include <crosstrace/operators/node_operator.h>

namespace crosstrace {

std::optional<c10::OperatorName> dispatched_operator(const torch::jit::Node& node) {
  const c10::FunctionSchema* schema = node.maybeSchema();
  if (schema == nullptr || !c10::Dispatcher::singleton().findSchema(schema->operator_name()))
    return std::nullopt;
  return schema->operator_name();
}

const torch::jit::Value* find_argument(const torch::jit::Node& node, const std::string& name) {
  const c10::FunctionSchema* schema = node.maybeSchema();
  if (schema == nullptr) return nullptr;
  const auto index = schema->argumentIndexWithName(name);
  return index && *index < static_cast<int>(node.inputs().size()) ? node.input(*index) : nullptr;
}

}  // namespace crosstrace
