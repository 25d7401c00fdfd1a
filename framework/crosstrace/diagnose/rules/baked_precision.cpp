// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/diagnose/rule.h>
#include <crosstrace/graph/recorded_precision.h>

#include <map>

namespace crosstrace::rules {
namespace {

using torch::jit::Node;

/// The first operator that carries this flag, and how many do.
struct Carriers {
  const Node* first = nullptr;
  int count = 0;
};

Remark remark(const InlinedMethod& method, bool allowed, const Carriers& carriers) {
  Remark remark{&method, carriers.first};
  const std::string name = carriers.first->kind().toQualString();
  const std::string who =
      carriers.count == 1
          ? name + " carries"
          : std::to_string(carriers.count) + " operators, the first of them " + name + ", carry";
  const std::string runs = carriers.count == 1 ? "it runs" : "they run";
  remark.message = who + " allow_tf32=" + (allowed ? "True" : "False") + ": on CUDA " + runs +
                   (allowed ? " in TF32" : " in full float32") +
                   " whatever the flags of the process say.";
  remark.advice =
      "Script the model, or trace it under the flags that it should run with; --precision decides "
      "for a run of the matrix.";
  return remark;
}

}  // namespace

void baked_precision(const RuleContext& context, const std::function<void(Remark)>& say) {
  for (const InlinedMethod& method : context.program.methods()) {
    if (method.reached) continue;
    std::map<bool, Carriers> found;
    for_each_node(*method.graph->block(), [&](Node& node) {
      const auto allowed = recorded_tf32(node);
      if (!allowed) return;
      Carriers& carriers = found[*allowed];
      if (carriers.count++ == 0) carriers.first = &node;
    });
    for (const auto& [allowed, carriers] : found) say(remark(method, allowed, carriers));
  }
}

}  // namespace crosstrace::rules
