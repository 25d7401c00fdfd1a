// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/detail/details_text.h>
#include <crosstrace/compare/detail/format.h>
#include <crosstrace/compare/detail/spread_text.h>

#include <sstream>

namespace crosstrace::detail {
namespace {

std::string beyond(const Tolerance& tolerance) {
  if (tolerance.rtol() == 0 && tolerance.atol() == 0) return "";
  return " by more than rtol " + format_shortest(tolerance.rtol()) + ", atol " +
         format_shortest(tolerance.atol());
}

// `2 of 3 elements (66.7%)`
std::string share(std::int64_t part, std::int64_t whole) {
  return std::to_string(part) + " of " + format_count(whole, "element") + " (" +
         format_percent(part, whole) + ")";
}

std::string differ(std::int64_t count) { return count == 1 ? " differs" : " differ"; }

/// Writes the lines under the headline of a message.
class DetailWriter {
 public:
  DetailWriter(const LeafComparison& leaf, const at::Tensor& expected, const Tolerance& tolerance)
      : leaf_(leaf), expected_(expected), tolerance_(tolerance) {}

  std::string write(const Details& details) {
    write_nonfinite(details);
    write_greatest("absolute", details.greatest_abs, details.greatest_abs.abs,
                   details.greatest_abs.limit);
    const auto& rel = details.greatest_rel;
    write_greatest("relative", rel, rel.rel, rel.abs > 0 ? rel.limit * (rel.rel / rel.abs) : 0);
    write_spread(details.spread);
    write_least_tolerance(details.spread);
    write_worst(details.worst);
    return text_.str();
  }

 private:
  std::string number(double value) const { return format_as(expected_.scalar_type(), value); }

  std::string index(std::int64_t position) const {
    return format_shape(unravel(position, expected_.sizes()));
  }

  void write_nonfinite(const Details& details) {
    if (leaf_.nonfinite == 0) return;
    text_ << "\n  of these NaN: " << details.expected_nan << " expected, " << details.actual_nan
          << " actual; infinite: " << details.expected_infinite << " expected, "
          << details.actual_infinite << " actual";
    const auto finite = finite_mismatches();
    if (finite == 0) return;
    text_ << "\n  " << format_count(finite, "finite element") << differ(finite)
          << beyond(tolerance_);
  }

  void write_greatest(const char* kind, const WorstElement& element, double value, double allowed) {
    if (element.position < 0) return;
    text_ << "\n  greatest " << kind << " difference " << number(value) << " at "
          << index(element.position) << ", allowed " << format_limit(allowed);
  }

  std::int64_t finite_mismatches() const { return leaf_.mismatched - leaf_.nonfinite; }

  bool is_exact() const { return tolerance_.rtol() == 0 && tolerance_.atol() == 0; }

  /// What five elements show by themselves needs no table.
  void write_spread(const Spread& spread) {
    if (spread.mismatched > 0 && !is_exact()) text_ << "\n  " << cross_table(spread);
    if (leaf_.mismatched <= static_cast<std::int64_t>(kWorstShown)) return;
    if (spread.finite > 0) {
      text_ << "\n  mean absolute difference " << number(spread.sum_abs / spread.finite)
            << ", mean |expected| " << number(spread.sum_expected / spread.finite);
    }
    if (expected_.scalar_type() == at::kBool) return;
    const std::string classes = histogram(spread.magnitudes);
    if (!classes.empty()) text_ << "\n  " << classes;
  }

  /// Integers are exact unless somebody asks otherwise; to advise it would hide what is wrong.
  void write_least_tolerance(const Spread& spread) {
    if (spread.mismatched == 0 || spread.mismatched < finite_mismatches()) return;
    if (is_exact() && c10::isIntegralType(expected_.scalar_type(), true)) return;
    text_ << "\n  smallest tolerance that matches"
          << (leaf_.nonfinite > 0 ? " the finite ones" : "") << ": "
          << least_tolerance(spread, tolerance_);
  }

  void write_worst(const std::vector<WorstElement>& worst) {
    text_ << "\n  index: expected, actual, abs, rel";
    for (const auto& element : worst) {
      text_ << "\n  " << index(element.position) << ": " << element.expected << ", "
            << element.actual << ", " << number(element.abs) << ", " << number(element.rel);
    }
  }

  const LeafComparison& leaf_;
  const at::Tensor& expected_;
  const Tolerance& tolerance_;
  std::ostringstream text_;
};

}  // namespace

std::string headline(const LeafComparison& leaf, const Tolerance& tolerance) {
  if (leaf.nonfinite == 0) {
    return share(leaf.mismatched, leaf.total) + differ(leaf.mismatched) + beyond(tolerance);
  }
  return share(leaf.nonfinite, leaf.total) + (leaf.nonfinite == 1 ? " is" : " are") +
         " NaN or infinite on one side only, or of another sign";
}

std::string describe(const Details& details, const LeafComparison& leaf, const at::Tensor& expected,
                     const Tolerance& tolerance) {
  return DetailWriter(leaf, expected, tolerance).write(details);
}

}  // namespace crosstrace::detail
