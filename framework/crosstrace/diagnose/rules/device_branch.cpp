// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/diagnose/rule.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace crosstrace::rules {
namespace {

using torch::jit::Node;
using torch::jit::Value;

/// What a script can ask about a device; null if the node asks nothing of the kind.
const char* question(const Node& node) {
  static constexpr std::array<std::pair<std::string_view, const char*>, 7> kQuestions = {{
      {"prim::device", "device"},
      {"prim::is_cuda", "is_cuda"},
      {"prim::is_cpu", "is_cpu"},
      {"prim::is_xpu", "is_xpu"},
      {"prim::is_mps", "is_mps"},
      {"prim::is_mkldnn", "is_mkldnn"},
      {"aten::is_cuda", "is_cuda"},
  }};
  const std::string_view kind = node.kind().toQualString();
  const auto found = std::find_if(kQuestions.begin(), kQuestions.end(),
                                  [&](const auto& item) { return item.first == kind; });
  return found == kQuestions.end() ? nullptr : found->second;
}

/// Operators that make a condition of answers; a tensor made on the device is not one.
bool is_logic(const Node& node) {
  static const std::unordered_set<std::string_view> kKinds = {
      "aten::eq",           "aten::ne",     "aten::__not__",   "aten::__and__",      "aten::__or__",
      "aten::__contains__", "aten::__is__", "aten::__isnot__", "aten::Bool",         "prim::type",
      "prim::index",        "aten::str",    "prim::If",        "prim::ListConstruct"};
  return kKinds.count(node.kind().toQualString()) > 0;
}

/// Finds what conditions ask about devices. Remembers each value, since conditions share parts:
/// without that the time would double with each `and`.
class Questions {
 public:
  /// The node that a condition asks about a device; null if it asks about nothing of the kind.
  const Node* asked(const Value& condition) {
    const Node& node = *condition.node();
    if (question(node) != nullptr) return &node;
    if (!is_logic(node)) return nullptr;
    auto [entry, is_new] = known_.try_emplace(&node, nullptr);
    if (!is_new) return entry->second;
    const Node* found = asked_by_inputs(node);
    return known_[&node] = found;
  }

 private:
  const Node* asked_by_inputs(const Node& node) {
    for (const Value* input : node.inputs()) {
      if (const Node* found = asked(*input)) return found;
    }
    for (const torch::jit::Block* block : node.blocks()) {
      for (const Value* output : block->outputs()) {
        if (const Node* found = asked(*output)) return found;
      }
    }
    return nullptr;
  }

  std::unordered_map<const Node*, const Node*> known_;
};

/// A check that only raises is no other path: it counts where it does raise.
bool only_raises(const torch::jit::Block& block) {
  return std::any_of(block.nodes().begin(), block.nodes().end(),
                     [](const Node* node) { return node->kind() == c10::prim::RaiseException; });
}

bool has_two_paths(const Node& branch) {
  return std::none_of(branch.blocks().begin(), branch.blocks().end(),
                      [](const torch::jit::Block* block) { return only_raises(*block); });
}

}  // namespace

void device_branch(const RuleContext& context, const std::function<void(Remark)>& say) {
  for (const InlinedMethod& method : context.program.methods()) {
    if (method.reached) continue;
    Questions questions;
    for_each_node(*method.graph->block(), [&](Node& node) {
      if (node.kind() != c10::prim::If) return;
      const Node* what = questions.asked(*node.input());
      if (what == nullptr) return;
      Remark remark{&method, &node};
      if (!has_two_paths(node)) {
        remark.message = "A check of the " + std::string(question(*what)) +
                         " of a tensor raises wherever the module runs on another one.";
        remark.advice = "Leave it to the caller on which device the module runs.";
        remark.repair = Repairability::kManual;
        remark.only_in_conflict = true;
        return say(std::move(remark));
      }
      remark.message = "A branch asks for the " + std::string(question(*what)) +
                       " of a tensor, so another device runs other operators, which a run on this "
                       "one does not test.";
      remark.advice = "Run the matrix on every type of device that the branch names.";
      say(std::move(remark));
    });
  }
}

}  // namespace crosstrace::rules
