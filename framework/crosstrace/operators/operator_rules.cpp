// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/operators/operator_rules.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace crosstrace {
namespace {

// Written at build time by generate_operator_rules.py, sorted by name.
constexpr OperatorRule kRules[] = {
#include "operator_rules.inc"
};

}  // namespace

const OperatorRule* find_operator_rule(std::string_view name) {
  const auto* found = std::lower_bound(
      std::begin(kRules), std::end(kRules), name,
      [](const OperatorRule& rule, std::string_view wanted) { return rule.name < wanted; });
  return found != std::end(kRules) && found->name == name ? found : nullptr;
}

bool is_cpu_library(std::string_view name_space) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "quantized", "_quantized", "mkldnn", "mkldnn_prepacked", "onednn",
      "prepacked", "xnnpack",    "mkl",    "sparse",           "_mkldnn"};
  return std::find(kNames.begin(), kNames.end(), name_space) != kNames.end();
}

}  // namespace crosstrace
