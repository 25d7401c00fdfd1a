// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/diagnose/rule.h>
#include <crosstrace/graph/reachability.h>
#include <crosstrace/operators/kernel_lookup.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <array>

namespace crosstrace::rules {
namespace {

using torch::jit::Node;

Severity severity_of(const RuleContext& context, const InlinedMethod& method, const Node& node) {
  if (!is_main(context.program, method)) return Severity::kNote;
  switch (reachability_of(context.program, method, node)) {
    case Reachability::kNever:
      return Severity::kNote;
    case Reachability::kMaybe:
      return Severity::kWarning;
    case Reachability::kAlways:
      return Severity::kError;
  }
  return Severity::kNote;
}

/// A node that LibTorch put into the graph when it optimised it for one type of device.
Remark specialised_node(const RuleContext& context, const InlinedMethod& method, const Node& node) {
  const std::string device(specialised_for(node.kind()));
  const std::string op = node.kind().toQualString();
  const bool asked = std::any_of(context.targets.begin(), context.targets.end(),
                                 [&](const std::string& target) { return target != device; });
  Remark remark{&method, &node};
  remark.message = op + " was put into the graph when it was optimised for " + device +
                   ", and runs there alone.";
  remark.advice =
      "Export the model before torch.jit.optimize_for_inference or any other pass for one device, "
      "and optimise it after loading.";
  remark.repair = Repairability::kManual;
  remark.fails = [device](Transfer, const std::string& on) { return !runs_as(on, device); };
  if (asked) remark.severity = severity_of(context, method, node);
  return remark;
}

/// Operators whose second tensor is a weight.
bool takes_weight(const Node& node) {
  constexpr std::array<std::string_view, 8> kNames = {
      "aten::linear", "aten::_convolution", "aten::conv1d",     "aten::conv2d",
      "aten::conv3d", "aten::convolution",  "aten::layer_norm", "aten::batch_norm"};
  return std::find(kNames.begin(), kNames.end(), node.kind().toQualString()) != kNames.end();
}

bool is_tensor_constant(const torch::jit::Value& value) {
  const auto constant = torch::jit::toIValue(&value);
  return constant && constant->isTensor() && constant->toTensor().defined();
}

bool has_parameters(const Program& program) {
  return std::any_of(
      program.attributes().begin(), program.attributes().end(),
      [](const Attribute& attribute) { return attribute.is_parameter || attribute.is_buffer; });
}

/// The first operator of a method that has a constant for a weight, and how many do.
void look_for_freezing(const InlinedMethod& method, const std::function<void(Remark)>& say) {
  int count = 0;
  const Node* first = nullptr;
  for_each_node(*method.graph->block(), [&](Node& node) {
    const auto is_constant = [](const auto* input) { return is_tensor_constant(*input); };
    if (!takes_weight(node) ||
        std::none_of(node.inputs().begin(), node.inputs().end(), is_constant))
      return;
    if (count++ == 0) first = &node;
  });
  if (first == nullptr) return;
  Remark remark{&method, first};
  remark.message = "The module is frozen: the weights of " + std::to_string(count) +
                   (count == 1 ? " operator are constants" : " operators are constants") +
                   " of the graph, which module.to(device) does not move.";
  remark.advice = "Load it with torch::jit::load(file, device), or freeze it after moving it.";
  remark.repair = Repairability::kAutomatic;
  say(std::move(remark));
}

}  // namespace

void backend_specialised(const RuleContext& context, const std::function<void(Remark)>& say) {
  const bool may_be_frozen = !has_parameters(context.program);
  for (const InlinedMethod& method : context.program.methods()) {
    if (method.reached) continue;
    for_each_node(*method.graph->block(), [&](Node& node) {
      if (!specialised_for(node.kind()).empty()) say(specialised_node(context, method, node));
    });
    if (may_be_frozen) look_for_freezing(method, say);
  }
}

}  // namespace crosstrace::rules
