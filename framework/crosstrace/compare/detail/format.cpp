// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/detail/format.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <sstream>

namespace crosstrace::detail {
namespace {

// max_digits10 is ceil(1 + precision * log10(2)); C++ knows it only for its own types.
int digits_of(c10::ScalarType dtype) {
  using enum c10::ScalarType;
  switch (dtype) {
    case Half:
    case ComplexHalf:
      return 5;
    case BFloat16:
      return 4;
    case Float8_e4m3fn:
    case Float8_e4m3fnuz:
      return 3;
    case Float8_e5m2:
    case Float8_e5m2fnuz:
    case Float8_e8m0fnu:
      return 2;
    default:
      return 9;
  }
}

std::string printed(const char* format, int digits, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, digits, value);
  return buffer;
}

bool holds_doubles(c10::ScalarType dtype) {
  return dtype == c10::ScalarType::Double || dtype == c10::ScalarType::ComplexDouble;
}

}  // namespace

std::string format_shortest(double value) {
  if (std::isnan(value))
    return "nan";  // to_chars would write the sign of a NaN, which says nothing
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

std::string format_as(c10::ScalarType dtype, double value) {
  if (std::isnan(value) || holds_doubles(dtype)) return format_shortest(value);
  return printed("%.*g", digits_of(dtype), value);
}

std::string format_limit(double value) { return format_digits(6, value); }

std::string format_digits(int digits, double value) { return printed("%.*g", digits, value); }

std::string format_shape(c10::IntArrayRef shape) {
  std::ostringstream text;
  text << shape;
  return text.str();
}

std::vector<std::int64_t> unravel(std::int64_t position, c10::IntArrayRef shape) {
  std::vector<std::int64_t> index(shape.size());
  for (auto dimension = shape.size(); dimension-- > 0;) {
    index[dimension] = position % shape[dimension];
    position /= shape[dimension];
  }
  return index;
}

std::string format_percent(std::int64_t part, std::int64_t whole) {
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part > 0 && percent < 0.01) return "<0.01%";
  if (part < whole && percent > 99.9) return ">99.9%";
  return printed("%.*g", 3, percent) + "%";
}

std::string format_count(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace crosstrace::detail
