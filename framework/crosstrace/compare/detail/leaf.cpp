// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/detail/details.h>
#include <crosstrace/compare/detail/format.h>
#include <crosstrace/compare/detail/leaf.h>
#include <crosstrace/compare/detail/statistics.h>
#include <crosstrace/compare/detail/weigh.h>

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

std::string headline(const LeafComparison& leaf, const Tolerance& tolerance) {
  if (leaf.nonfinite == 0) {
    return share(leaf.mismatched, leaf.total) + differ(leaf.mismatched) + beyond(tolerance);
  }
  return share(leaf.nonfinite, leaf.total) + (leaf.nonfinite == 1 ? " is" : " are") +
         " NaN or infinite on one side only, or of another sign";
}

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
    const auto finite = leaf_.mismatched - leaf_.nonfinite;
    if (finite == 0) return;
    text_ << "\n  " << format_count(finite, "finite element") << differ(finite)
          << beyond(tolerance_);
  }

  void write_greatest(const char* kind, const WorstElement& element, double value, double allowed) {
    if (element.position < 0) return;
    text_ << "\n  greatest " << kind << " difference " << number(value) << " at "
          << index(element.position) << ", allowed " << format_limit(allowed);
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
  const auto statistics = collect_statistics(actual, expected, tolerance);
  leaf.mismatched = statistics.mismatched;
  leaf.nonfinite = statistics.nonfinite;
  leaf.max_abs = statistics.max_abs;
  leaf.max_rel = statistics.max_rel;
  if (leaf.mismatched == 0) return;

  const auto dense_actual = actual.contiguous(), dense_expected = expected.contiguous();
  const auto details = collect_details(dense_actual, dense_expected, tolerance);
  leaf.worst_index = unravel(details.worst.front().position, expected.sizes());
  set_difference(leaf, leaf.nonfinite > 0 ? Difference::kNonfinite : Difference::kValues,
                 headline(leaf, tolerance) + " (" + where() + ")" +
                     DetailWriter(leaf, expected, tolerance).write(details));
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
