// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/detail/blocks.h>
#include <crosstrace/compare/detail/details.h>
#include <crosstrace/compare/detail/element.h>
#include <crosstrace/compare/detail/visit_dtype.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace crosstrace::detail {
namespace {

double times_limit(const WorstElement& element) {
  return element.limit > 0 ? element.abs / element.limit : std::numeric_limits<double>::infinity();
}

// Ties go to the first in row-major order, so that the order in which threads finish does not show.
bool is_worse(const WorstElement& a, const WorstElement& b) {
  if (a.nonfinite != b.nonfinite) return a.nonfinite;
  if (!a.nonfinite) {
    if (times_limit(a) != times_limit(b)) return times_limit(a) > times_limit(b);
    if (a.abs != b.abs) return a.abs > b.abs;
  }
  return a.position < b.position;
}

void keep_worst(std::vector<WorstElement>& worst, const WorstElement& element) {
  if (worst.size() == kWorstShown && !is_worse(element, worst.back())) return;
  worst.insert(std::upper_bound(worst.begin(), worst.end(), element, is_worse), element);
  if (worst.size() > kWorstShown) worst.pop_back();
}

void keep_greatest(WorstElement& greatest, const WorstElement& element,
                   double WorstElement::*measure) {
  if (element.position < 0 || !std::isfinite(element.*measure)) return;
  const double ours = greatest.*measure, theirs = element.*measure;
  const bool is_first = greatest.position < 0 || element.position < greatest.position;
  if (greatest.position < 0 || theirs > ours || (theirs == ours && is_first)) greatest = element;
}

template <class T>
void add_nonfinite_counts(Details& details, T actual, T expected) {
  details.actual_nan += holds_nan(actual);
  details.expected_nan += holds_nan(expected);
  details.actual_infinite += holds_infinity(actual);
  details.expected_infinite += holds_infinity(expected);
}

template <class T>
void add_block(Details& details, const Block<T>& block, const Tolerance& tolerance) {
  Spread spread;  // sums of a block, then sums of those: what rounding loses stays small
  for (std::int64_t i = 0; i < block.count; ++i) {
    const T actual = block.actual[i], expected = block.expected[i];
    const auto difference = examine(actual, expected, tolerance);
    spread.add(difference, magnitude_of(expected), tolerance);
    if (!difference.mismatched) continue;
    add_nonfinite_counts(details, actual, expected);
    WorstElement element{block.position + i,
                         difference.abs,
                         difference.rel,
                         difference.limit,
                         difference.nonfinite,
                         {},
                         {}};
    keep_worst(details.worst, element);
    keep_greatest(details.greatest_abs, element, &WorstElement::abs);
    keep_greatest(details.greatest_rel, element, &WorstElement::rel);
  }
  details.spread.merge(spread);
}

void merge(Details& total, const Details& part) {
  for (const auto& element : part.worst) keep_worst(total.worst, element);
  keep_greatest(total.greatest_abs, part.greatest_abs, &WorstElement::abs);
  keep_greatest(total.greatest_rel, part.greatest_rel, &WorstElement::rel);
  total.actual_nan += part.actual_nan;
  total.expected_nan += part.expected_nan;
  total.actual_infinite += part.actual_infinite;
  total.expected_infinite += part.expected_infinite;
  total.spread.merge(part.spread);
}

template <class T>
void write_out(std::vector<WorstElement>& worst, const at::Tensor& actual,
               const at::Tensor& expected) {
  for (auto& element : worst) {
    const auto at = [&](const at::Tensor& tensor) {
      const auto* data = static_cast<const T*>(tensor.const_data_ptr());
      return format_element(data[element.position], tensor.scalar_type());
    };
    element.actual = at(actual);
    element.expected = at(expected);
  }
}

}  // namespace

Details collect_details(const at::Tensor& actual, const at::Tensor& expected,
                        const Tolerance& tolerance) {
  return visit_dtype(expected.scalar_type(), [&]<class T>(std::type_identity<T>) {
    auto details = over_blocks<T, Details>(
        actual, expected,
        [&](Details& part, const Block<T>& block) { add_block(part, block, tolerance); }, merge);
    write_out<T>(details.worst, actual, expected);
    return details;
  });
}

}  // namespace crosstrace::detail
