// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/detail/format.h>
#include <crosstrace/compare/detail/spread_text.h>

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <vector>

namespace crosstrace::detail {
namespace {

constexpr std::size_t kClassesShown = 6;

std::string over(const char* one, const char* other, std::int64_t count, std::int64_t both) {
  return std::string("over ") + one + ": " + format_count(count, "element") + ", " +
         std::to_string(both) + " of them over " + other + " too";
}

/// The place of a class on the axis.
std::string where(std::size_t index, bool with_all_below) {
  if (index == 0) return "zeros";
  const auto& bounds = Magnitudes::kBounds;
  const bool is_last = index > bounds.size();
  if (is_last && !with_all_below) return "from " + format_shortest(bounds.back()) + " on";
  const std::string end = is_last ? "" : format_shortest(bounds[index - 1]);
  if (with_all_below || index == 1) return "below " + end;
  return "from " + format_shortest(bounds[index - 2]) + " to " + end;
}

std::string share(const Magnitudes::Class& part) {
  return std::to_string(part.mismatched) + " of " + std::to_string(part.total) + " ";
}

/// All classes up to one, zero aside.
Magnitudes::Class sum(const decltype(Magnitudes::classes)& classes, std::size_t last) {
  Magnitudes::Class total;
  for (std::size_t i = 1; i <= last; ++i) {
    total.total += classes[i].total;
    total.mismatched += classes[i].mismatched;
  }
  return total;
}

/// The least number of three digits that is at least `value`.
std::string rounded_up(double value) {
  const double step = std::pow(10., std::floor(std::log10(value)) - 2);
  double digits = std::round(value / step);
  const auto text = [&] { return format_digits(3, digits * step); };
  if (std::strtod(text().c_str(), nullptr) < value) ++digits;
  return text();
}

/// A limit is rounded too, and may come out just below what was asked of it.
double with_rounding(double least, double other) {
  return other == 0 ? least : least * (1 + 1e-12);
}

}  // namespace

std::string cross_table(const Spread& spread) {
  if (spread.over_atol == spread.over_both && spread.over_rtol == spread.over_both) {
    return "over atol: " + format_count(spread.over_both, "element") + "; over rtol: the same";
  }
  return over("atol", "rtol", spread.over_atol, spread.over_both) + "; " +
         over("rtol", "atol", spread.over_rtol, spread.over_both);
}

std::string histogram(const Magnitudes& magnitudes) {
  const auto& classes = magnitudes.classes;
  std::vector<std::string> shown;  // the greatest first
  for (std::size_t i = classes.size(); i-- > 1;) {
    if (classes[i].mismatched == 0) continue;
    const bool is_last_shown = shown.size() + 1 == kClassesShown;
    const Magnitudes::Class below = sum(classes, i);
    const bool is_merged = is_last_shown && below.mismatched > classes[i].mismatched;
    shown.push_back(share(is_merged ? below : classes[i]) + where(i, is_merged));
    if (is_last_shown) break;
  }
  if (classes[0].mismatched > 0) shown.push_back(share(classes[0]) + where(0, false));
  if (shown.empty()) return "";
  std::string text = "by |expected|: ";
  for (std::size_t i = shown.size(); i-- > 0;) text += shown[i] + (i > 0 ? ", " : "");
  return text;
}

std::string least_tolerance(const Spread& spread, const Tolerance& tolerance) {
  const double atol = with_rounding(spread.least_atol, tolerance.rtol());
  const double rtol = with_rounding(spread.least_rtol, tolerance.atol());
  const std::string text =
      "atol " + rounded_up(atol) + " (rtol " + format_shortest(tolerance.rtol()) + ")";
  if (!std::isfinite(rtol)) return text + ", and no rtol, since zero was expected";
  return text + ", or rtol " + rounded_up(rtol) + " (atol " + format_shortest(tolerance.atol()) +
         ")";
}

}  // namespace crosstrace::detail
