// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/jit_type.h>
#include <c10/core/ScalarType.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/diagnose/rule.h>
#include <crosstrace/operators/node_operator.h>
#include <torch/csrc/jit/ir/constants.h>

namespace crosstrace::rules {
namespace {

using torch::jit::Node;

std::optional<c10::IValue> constant(const Node& node, const char* argument) {
  const torch::jit::Value* value = find_argument(node, argument);
  return value == nullptr ? std::nullopt : torch::jit::toIValue(value);
}

std::optional<c10::ScalarType> dtype_literal(const Node& node) {
  const auto value = constant(node, "dtype");
  if (!value || !value->isInt()) return std::nullopt;
  return static_cast<c10::ScalarType>(value->toInt());
}

bool has_device_literal(const Node& node) {
  const auto value = constant(node, "device");
  return value && value->isDevice();
}

/// Tracers record `x.cpu()` and `x.to(device)` with the dtype that x had.
bool is_transfer(const Node& node) { return node.kind() == c10::aten::to; }

bool takes_tensors(const Node& node) {
  for (const auto* input : node.inputs()) {
    if (input->type()->isSubtypeOf(*c10::TensorType::get())) return true;
  }
  return false;
}

bool is_factory(const Node& node) {
  return find_argument(node, "device") != nullptr && find_argument(node, "layout") != nullptr &&
         !takes_tensors(node);
}

std::string name_of(c10::ScalarType type) { return c10::toString(type); }

Remark transfer(const InlinedMethod& method, const Node& node, c10::ScalarType dtype) {
  Remark remark{&method, &node};
  remark.message = "aten::to moves a tensor to " + constant(node, "device")->toDevice().str() +
                   " and, as it was recorded, makes it " + name_of(dtype) +
                   ", so an input of another dtype comes back as " + name_of(dtype) + ".";
  remark.advice =
      "Move the tensor outside of the model, or to the device of another tensor: x.to(y.device()).";
  return remark;
}

/// Every factory of a trace has a dtype, so one remark speaks for a method's.
Remark factories(const InlinedMethod& method, const Node& first, c10::ScalarType dtype, int count) {
  Remark remark{&method, &first};
  const std::string subject = count == 1
                                  ? std::string(first.kind().toQualString()) + " makes"
                                  : std::to_string(count) + " operators, the first of them " +
                                        first.kind().toQualString() + ", make";
  remark.message = subject + " " + name_of(dtype) +
                   " tensors whatever the dtype of the inputs, so the export of a model in another "
                   "precision is not the model.";
  remark.advice =
      "If the dtype should follow an input, make the tensor from it: torch::zeros_like(x), "
      "x.new_zeros(...).";
  return remark;
}

void look_into(const InlinedMethod& method, const std::function<void(Remark)>& say) {
  const Node* first = nullptr;
  int count = 0;
  for_each_node(*method.graph->block(), [&](Node& node) {
    const auto dtype = dtype_literal(node);
    if (!dtype || !c10::isFloatingType(*dtype)) return;
    if (is_transfer(node) && has_device_literal(node)) say(transfer(method, node, *dtype));
    if (!is_factory(node)) return;
    if (count++ == 0) first = &node;
  });
  if (first != nullptr) say(factories(method, *first, *dtype_literal(*first), count));
}

}  // namespace

void baked_dtype(const RuleContext& context, const std::function<void(Remark)>& say) {
  for (const InlinedMethod& method : context.program.methods()) {
    if (!method.reached) look_into(method, say);
  }
}

}  // namespace crosstrace::rules
