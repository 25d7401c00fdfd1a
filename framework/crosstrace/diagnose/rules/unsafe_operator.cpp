// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/diagnose/rule.h>
#include <crosstrace/operators/unsafe_operators.h>
#include <torch/csrc/jit/api/function_impl.h>

#include <set>
#include <string>
#include <utility>

namespace crosstrace::rules {
namespace {

namespace jit = torch::jit;

/// Where a node was written: clones of it that were inlined share the place.
using Place = std::pair<const void*, std::size_t>;

Place place_of(const jit::Node& node) {
  return {node.sourceRange().source().get(), node.sourceRange().start()};
}

Remark remark_at(const jit::Node& node) {
  Remark remark{nullptr, &node};
  remark.message = std::string(node.kind().toQualString()) + " " + std::string(why_unsafe(node)) +
                   "; `crosstrace check` and `repair` run it with --trust alone.";
  remark.advice = "Ask who made the archive what it does that for.";
  remark.severity = Severity::kWarning;
  return remark;
}

}  // namespace

/// Operators that leave the model, wherever they are: a method that nobody calls may be the one that
/// LibTorch calls when it loads the archive.
void unsafe_operator(const RuleContext& context, const std::function<void(Remark)>& say) {
  std::set<Place> seen;
  const auto see = [&](const jit::Block& block, const auto& complete) {
    for_each_node(block, [&](jit::Node& node) {
      if (why_unsafe(node).empty() || !seen.insert(place_of(node)).second) return;
      Remark remark = remark_at(node);
      complete(remark);
      say(std::move(remark));
    });
  };
  for (const InlinedMethod& method : context.program.methods()) {
    if (method.reached) continue;
    see(*method.graph->block(), [&](Remark& remark) { remark.method = &method; });
  }
  for_each_function(context.program.module(), [&](jit::GraphFunction& function) {
    see(*function.graph()->block(), [&](Remark& remark) { remark.function = function.name(); });
  });
}

}  // namespace crosstrace::rules
