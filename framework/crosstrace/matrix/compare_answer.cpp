// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/matrix/compare_answer.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace crosstrace {
namespace {

const ToleranceRule* find_rule(const Model& model, const CellId& id, const LeafComparison& leaf) {
  for (const ToleranceRule& rule : model.tolerance_rules) {
    if (rule.outputs({id, leaf.path, leaf.dtype})) return &rule;
  }
  return nullptr;
}

/// The leaves of one path; a sparse or quantized tensor has several.
void append_leaves(const Comparison& from, const std::string& path,
                   std::vector<LeafComparison>& leaves) {
  for (const LeafComparison& leaf : from.leaves) {
    if (leaf.path == path) leaves.push_back(leaf);
  }
}

}  // namespace

Comparison compare_answer(const Model& model, const CellId& id, const RunOptions& run,
                          const c10::IValue& actual, const c10::IValue& expected,
                          CompareOptions options) {
  if (!options.tolerance) options.tolerance = run.tolerance ? run.tolerance : model.tolerance;
  if (model.tolerance_rules.empty() || run.tolerance) return compare(actual, expected, options);
  // What the leaves are does not depend on tolerances; no referee is asked for what a rule decides.
  CompareOptions plain = options;
  plain.evidence = std::nullopt;
  const Comparison first = compare(actual, expected, plain);
  std::map<const ToleranceRule*, Comparison> by_rule;
  const auto by = [&](const ToleranceRule* rule) -> const Comparison& {
    const auto [entry, is_new] = by_rule.try_emplace(rule);
    if (!is_new) return entry->second;
    CompareOptions of_rule = rule == nullptr ? options : plain;
    if (rule != nullptr) of_rule.tolerance = rule->tolerance;
    return entry->second = compare(actual, expected, of_rule);
  };
  Comparison result;
  std::set<std::string> done;
  for (const LeafComparison& leaf : first.leaves) {
    if (!done.insert(leaf.path).second) continue;
    const ToleranceRule* rule = find_rule(model, id, leaf);
    const bool is_settled = rule == nullptr && (first.matches() || !options.evidence);
    append_leaves(is_settled ? first : by(rule), leaf.path, result.leaves);
  }
  return result;
}

}  // namespace crosstrace
