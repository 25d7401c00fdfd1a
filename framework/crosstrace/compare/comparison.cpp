// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/comparison.h>

#include <algorithm>

namespace crosstrace {
namespace {

constexpr std::size_t kLeavesShown = 5;

// kNone comes first in the enumeration, but everything comes before it here.
bool comes_before(Difference a, Difference b) {
  return a != Difference::kNone && (b == Difference::kNone || a < b);
}

}  // namespace

Difference Comparison::difference() const noexcept {
  Difference first = Difference::kNone;
  for (const auto& leaf : leaves) {
    if (comes_before(leaf.difference, first)) first = leaf.difference;
  }
  return first;
}

std::string Comparison::message() const {
  std::vector<const LeafComparison*> differing;
  for (const auto& leaf : leaves) {
    if (leaf.difference != Difference::kNone) differing.push_back(&leaf);
  }
  std::stable_sort(differing.begin(), differing.end(), [](const auto* a, const auto* b) {
    return comes_before(a->difference, b->difference);
  });

  std::string text;
  for (std::size_t i = 0; i < std::min(differing.size(), kLeavesShown); ++i) {
    if (i > 0) text += '\n';
    text += differing[i]->message;
  }
  if (differing.size() > kLeavesShown) {
    text += "\n" + std::to_string(differing.size() - kLeavesShown) + " more outputs differ";
  }
  return text;
}

}  // namespace crosstrace
