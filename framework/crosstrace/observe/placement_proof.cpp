// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/observe/placement_proof.h>

#include <algorithm>
#include <iterator>

namespace crosstrace {
namespace {

std::string in_brackets(std::int64_t calls, const std::optional<SourceLocation>& source) {
  const std::string count = std::to_string(calls) + (calls == 1 ? " call" : " calls");
  return " (" + count + (source ? ", " + source->str() : "") + ")";
}

std::string described(const OperatorPlacement& placement) {
  return placement.name + " ran on " + placement.device +
         in_brackets(placement.sized_calls, placement.source);
}

std::string described(const CopyPlacement& copy) {
  return "copied from " + copy.from + " to " + copy.to +
         (copy.inside.empty() ? "" : " inside " + copy.inside) +
         in_brackets(copy.calls, copy.source);
}

}  // namespace

std::vector<OperatorPlacement> PlacementProof::elsewhere() const {
  std::vector<OperatorPlacement> result;
  std::copy_if(operators.begin(), operators.end(), std::back_inserter(result),
               [&](const auto& op) { return op.sized_calls > 0 && op.device != run_device; });
  return result;
}

std::vector<CopyPlacement> PlacementProof::stray_copies() const {
  std::vector<CopyPlacement> result;
  std::copy_if(copies.begin(), copies.end(), std::back_inserter(result),
               [&](const auto& copy) { return !copy.inside.empty() || copy.from == run_device; });
  return result;
}

std::string PlacementProof::describe_strays() const {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  for (const OperatorPlacement& placement : elsewhere()) add(described(placement));
  for (const CopyPlacement& copy : stray_copies()) add(described(copy));
  return text.empty() ? "" : "left " + run_device + ": " + text;
}

}  // namespace crosstrace
