// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The characters of a SPEC, read from left to right. For use inside models/ only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace crosstrace::detail {

/// Blanks between tokens mean nothing. All functions but `next_is` and `take_if` throw
/// std::invalid_argument.
class SpecReader {
 public:
  explicit SpecReader(std::string_view text) : text_(text) {}

  /// Throws with the SPEC, the column of `position` and what is wrong there.
  [[noreturn]] void fail(std::size_t position, const std::string& what) const;
  [[noreturn]] void fail_here(const std::string& what) { fail(position(), what); }

  /// Where the next token begins.
  std::size_t position();

  /// The next character; 0 at the end.
  char peek();
  bool next_is(std::string_view token);
  bool take_if(std::string_view token);
  void take(std::string_view token);
  void expect_end();

  /// Letters, digits and `_`; empty if there are none.
  std::string take_word();

  /// A number without fraction and exponent is an integer. Stops before `..`.
  std::variant<std::int64_t, double> take_number();
  std::int64_t take_integer();

  /// Between double quotes.
  std::string take_text();

  /// Up to a comma, a closing parenthesis or the end, trailing blanks left out.
  std::string take_path();

 private:
  void skip_blanks();
  char take_escaped();

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace crosstrace::detail
