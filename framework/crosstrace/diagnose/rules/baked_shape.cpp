// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/diagnose/rule.h>
#include <torch/csrc/jit/ir/constants.h>

#include <optional>
#include <vector>

namespace crosstrace::rules {
namespace {

using torch::jit::Node;
using torch::jit::Value;

bool has_sizes(const Node& node) {
  return node.kind() == c10::aten::view || node.kind() == c10::aten::reshape ||
         node.kind() == c10::aten::expand;
}

/// All the elements of a list, if they are literals.
std::optional<std::vector<int64_t>> literal_sizes(const Value& list) {
  if (const auto constant = torch::jit::toIValue(&list)) {
    if (!constant->isIntList()) return std::nullopt;
    return constant->toIntVector();
  }
  if (list.node()->kind() != c10::prim::ListConstruct) return std::nullopt;
  std::vector<int64_t> sizes;
  for (const Value* item : list.node()->inputs()) {
    const auto size = torch::jit::toIValue(item);
    if (!size || !size->isInt()) return std::nullopt;
    sizes.push_back(size->toInt());
  }
  return sizes;
}

/// Weights and constants have the sizes that they have.
bool may_follow_input(const Value& tensor) {
  const auto kind = tensor.node()->kind();
  return kind != c10::prim::GetAttr && kind != c10::prim::Constant;
}

/// The first dimension is that of the batch, by custom: 1 broadcasts, -1 follows.
bool fixes_batch(const Node& node) {
  if (!has_sizes(node) || node.inputs().size() < 2 || !may_follow_input(*node.input(0)))
    return false;
  const auto sizes = literal_sizes(*node.input(1));
  return sizes && sizes->size() > 1 && sizes->front() > 1;
}

std::string to_text(const std::vector<int64_t>& sizes) {
  std::string text;
  for (int64_t size : sizes) text += (text.empty() ? "[" : ", ") + std::to_string(size);
  return text + "]";
}

void look_into(const InlinedMethod& method, const std::function<void(Remark)>& say) {
  const Node* first = nullptr;
  int count = 0;
  for_each_node(*method.graph->block(), [&](Node& node) {
    if (fixes_batch(node) && count++ == 0) first = &node;
  });
  if (first == nullptr) return;
  Remark remark{&method, first};
  const std::string others =
      count == 1 ? "" : " (and " + std::to_string(count - 1) + " more like it)";
  remark.message = std::string(first->kind().toQualString()) + " gives the fixed sizes " +
                   to_text(*literal_sizes(*first->input(1))) + others +
                   ", so inputs with another first dimension may fail or give another shape.";
  remark.advice =
      "Write sizes that follow the input: -1, flatten, expand_as; or script the function.";
  say(std::move(remark));
}

}  // namespace

/// Traces from C++ hold every size that the model asked for as a number. Which numbers were sizes
/// is told by comparing traces (trace_differences.h); here, what looks like one.
void baked_shape(const RuleContext& context, const std::function<void(Remark)>& say) {
  for (const InlinedMethod& method : context.program.methods()) {
    if (!method.reached) look_into(method, say);
  }
}

}  // namespace crosstrace::rules
