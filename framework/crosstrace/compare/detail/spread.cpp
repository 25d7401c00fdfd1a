// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/detail/spread.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace crosstrace::detail {
namespace {

double quotient(double excess, double magnitude) {
  return magnitude > 0 ? excess / magnitude : std::numeric_limits<double>::infinity();
}

}  // namespace

Magnitudes::Class& Magnitudes::of(double magnitude) {
  if (magnitude == 0) return classes[0];
  const auto bound = std::upper_bound(kBounds.begin(), kBounds.end(), magnitude);
  return classes[1 + (bound - kBounds.begin())];
}

void Spread::add(const ElementDifference& difference, double magnitude,
                 const Tolerance& tolerance) {
  if (!std::isfinite(magnitude)) return;
  Magnitudes::Class& of_its_size = magnitudes.of(magnitude);
  ++of_its_size.total;
  of_its_size.mismatched += difference.mismatched;
  if (difference.nonfinite || !std::isfinite(difference.abs)) return;
  ++finite;
  mismatched += difference.mismatched;
  sum_abs += difference.abs;
  sum_expected += magnitude;
  const double atol = tolerance.atol(), relative_limit = tolerance.rtol() * magnitude;
  const bool is_over_atol = difference.abs > atol, is_over_rtol = difference.abs > relative_limit;
  over_atol += is_over_atol;
  over_rtol += is_over_rtol;
  over_both += is_over_atol && is_over_rtol;
  least_atol = std::max(least_atol, difference.abs - relative_limit);
  if (is_over_atol) {
    least_rtol = std::max(least_rtol, quotient(difference.abs - atol, magnitude));
  }
}

void Spread::merge(const Spread& other) {
  over_atol += other.over_atol;
  over_rtol += other.over_rtol;
  over_both += other.over_both;
  mismatched += other.mismatched;
  finite += other.finite;
  sum_abs += other.sum_abs;
  sum_expected += other.sum_expected;
  least_atol = std::max(least_atol, other.least_atol);
  least_rtol = std::max(least_rtol, other.least_rtol);
  for (std::size_t i = 0; i < magnitudes.classes.size(); ++i) {
    magnitudes.classes[i].total += other.magnitudes.classes[i].total;
    magnitudes.classes[i].mismatched += other.magnitudes.classes[i].mismatched;
  }
}

}  // namespace crosstrace::detail
