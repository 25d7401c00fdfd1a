// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/enum_tag.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/diagnose/rule.h>
#include <crosstrace/graph/liveness.h>
#include <crosstrace/graph/reachability.h>
#include <crosstrace/operators/node_operator.h>

#include <map>

namespace crosstrace::rules {
namespace {

using torch::jit::Node;
using torch::jit::Value;

bool is_off(const c10::IValue& value) {
  return (value.isBool() && !value.toBool()) || (value.isDouble() && value.toDouble() == 0);
}

/// The dropout of lstm, gru and rnn lies between their layers.
bool has_one_layer(const Program& program, const InlinedMethod& method, const Node& node) {
  const Value* layers = find_argument(node, "num_layers");
  const auto value = layers == nullptr ? std::nullopt : known_value(program, method, *layers);
  return value && value->isInt() && value->toInt() == 1;
}

/// Dropout and its kin draw nothing outside of training, or with a probability of 0.
bool is_switched_off(const Program& program, const InlinedMethod& method, const Node& node) {
  for (const char* name : {"train", "training", "p", "dropout", "dropout_p"}) {
    const Value* argument = find_argument(node, name);
    const auto value = argument == nullptr ? std::nullopt : known_value(program, method, *argument);
    if (value && is_off(*value)) return true;
  }
  return has_one_layer(program, method, node);
}

bool draws(const Program& program, const InlinedMethod& method, const Node& node) {
  const auto name = dispatched_operator(node);
  if (!name) return false;
  const auto op = c10::Dispatcher::singleton().findSchema(*name);
  return op->hasTag(at::Tag::nondeterministic_seeded) && !is_switched_off(program, method, node) &&
         reachability_of(program, method, node) != Reachability::kNever;
}

/// The first node of each kind that draws, and how many there are.
using Draws = std::map<std::string, std::pair<const Node*, int>>;

Remark remark(const InlinedMethod& method, const std::string& kind, const Node& first, int count) {
  Remark remark{&method, &first};
  // Cells of the CPU and of the simulated device match all the same: these draw alike.
  remark.severity = Severity::kWarning;
  const std::string times = count == 1 ? "" : " (" + std::to_string(count) + " times)";
  remark.message = kind + times +
                   " draws random numbers, and for one seed each type of device draws others, so "
                   "outputs cannot be compared between devices.";
  remark.advice = "Draw them outside of the model and pass them in.";
  return remark;
}

}  // namespace

void random(const RuleContext& context, const std::function<void(Remark)>& say) {
  for (const InlinedMethod& method : context.program.methods()) {
    if (method.reached) continue;
    Draws found;
    const Liveness liveness(*method.graph);
    for_each_node(*method.graph->block(), [&](Node& node) {
      if (!liveness.is_live(node) || !draws(context.program, method, node)) return;
      auto [entry, is_new] = found.try_emplace(node.kind().toQualString(), &node, 0);
      ++entry->second.second;
    });
    for (const auto& [kind, use] : found) say(remark(method, kind, *use.first, use.second));
  }
}

}  // namespace crosstrace::rules
