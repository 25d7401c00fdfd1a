// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/detail/details_text.h>
#include <crosstrace/compare/detail/device_statistics.h>
#include <crosstrace/compare/detail/format.h>
#include <crosstrace/compare/detail/leaf.h>
#include <crosstrace/compare/detail/statistics.h>
#include <crosstrace/compare/detail/weigh.h>

namespace crosstrace::detail {
LeafComparison differing_leaf(const std::string& path, const std::string& dtype,
                              Difference difference, const std::string& what) {
  LeafComparison leaf;
  leaf.path = path;
  leaf.dtype = dtype;
  set_difference(leaf, difference, what);
  return leaf;
}

void set_difference(LeafComparison& leaf, Difference difference, const std::string& what) {
  leaf.difference = difference;
  leaf.message = leaf.path + ": " + what;
}

void compare_elements(LeafComparison& leaf, const at::Tensor& actual, const at::Tensor& expected,
                      const Tolerance& tolerance, c10::function_ref<std::string()> where,
                      const CompareOptions& options) {
  const bool is_here = actual.is_cpu() && expected.is_cpu();
  const auto statistics = is_here ? collect_statistics(actual, expected, tolerance)
                                  : collect_device_statistics(actual, expected, tolerance);
  leaf.mismatched = statistics.mismatched;
  leaf.nonfinite = statistics.nonfinite;
  leaf.max_abs = statistics.max_abs;
  leaf.max_rel = statistics.max_rel;
  if (leaf.mismatched == 0) return;

  const auto dense_actual = bring_to_cpu(actual).contiguous();
  const auto dense_expected = bring_to_cpu(expected).contiguous();
  const auto details = collect_details(dense_actual, dense_expected, tolerance);
  leaf.worst_index = unravel(details.worst.front().position, expected.sizes());
  set_difference(leaf, leaf.nonfinite > 0 ? Difference::kNonfinite : Difference::kValues,
                 headline(leaf, tolerance) + " (" + where() + ")" +
                     describe(details, leaf, expected, tolerance));
  weigh(leaf, dense_actual, dense_expected, options);
}

void set_number_difference(LeafComparison& leaf, const ElementDifference& difference,
                           const std::string& actual, const std::string& expected) {
  leaf.mismatched = difference.mismatched;
  leaf.nonfinite = difference.nonfinite;
  if (std::isfinite(difference.abs)) leaf.max_abs = difference.abs;
  if (std::isfinite(difference.rel)) leaf.max_rel = difference.rel;
  if (!difference.mismatched) return;
  std::string what = leaf.dtype + " " + actual + ", expected " + expected;
  if (!difference.nonfinite && leaf.dtype != "bool") {
    what += " (absolute difference " + format_shortest(difference.abs) + ", allowed " +
            format_limit(difference.limit) + ")";
  }
  set_difference(leaf, difference.nonfinite ? Difference::kNonfinite : Difference::kValues, what);
}

bool is_on(c10::Device actual, c10::Device wanted) {
  return actual.type() == wanted.type() &&
         (actual.index() == wanted.index() || !actual.has_index() || !wanted.has_index());
}

}  // namespace crosstrace::detail
