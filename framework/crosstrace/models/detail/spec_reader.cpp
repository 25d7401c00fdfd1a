// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/detail/spec_reader.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace crosstrace::detail {
namespace {

bool is_blank(char character) { return std::isspace(static_cast<unsigned char>(character)) != 0; }
bool is_digit(char character) { return character >= '0' && character <= '9'; }

// The message is one line, whatever was typed.
std::string on_one_line(std::string_view text) {
  std::string line(text);
  for (auto& character : line) {
    if (static_cast<unsigned char>(character) < 0x20) character = ' ';
  }
  return line;
}

}  // namespace

void SpecReader::fail(std::size_t position, const std::string& what) const {
  throw std::invalid_argument("'" + on_one_line(text_) + "', column " +
                              std::to_string(position + 1) + ": " + what);
}

void SpecReader::skip_blanks() {
  while (position_ < text_.size() && is_blank(text_[position_])) ++position_;
}

std::size_t SpecReader::position() {
  skip_blanks();
  return position_;
}

char SpecReader::peek() { return position() < text_.size() ? text_[position_] : '\0'; }

bool SpecReader::next_is(std::string_view token) {
  return text_.substr(position(), token.size()) == token;
}

bool SpecReader::take_if(std::string_view token) {
  if (!next_is(token)) return false;
  position_ += token.size();
  return true;
}

void SpecReader::take(std::string_view token) {
  if (!take_if(token)) fail_here("expected '" + std::string(token) + "'");
}

void SpecReader::expect_end() {
  if (position() < text_.size()) fail_here("expected the end");
}

std::string SpecReader::take_word() {
  const auto start = position();
  while (position_ < text_.size() &&
         (std::isalnum(static_cast<unsigned char>(text_[position_])) != 0 ||
          text_[position_] == '_')) {
    ++position_;
  }
  return std::string(text_.substr(start, position_ - start));
}

std::variant<std::int64_t, double> SpecReader::take_number() {
  const auto start = position();
  const auto skip_digits = [&] {
    while (position_ < text_.size() && is_digit(text_[position_])) ++position_;
  };
  if (next_is("-")) ++position_;
  skip_digits();
  const auto end_of_integer = position_;
  if (text_.substr(position_, 1) == "." && text_.substr(position_, 2) != "..") {
    ++position_;
    skip_digits();
  }
  const auto exponent = text_.substr(position_, 2);
  if (!exponent.empty() && (exponent[0] == 'e' || exponent[0] == 'E')) {
    position_ += exponent.size() == 2 && (exponent[1] == '-' || exponent[1] == '+') ? 2 : 1;
    skip_digits();
  }

  const auto convert = [&](auto number) {
    const auto* end = text_.data() + position_;
    const auto [stop, error] = std::from_chars(text_.data() + start, end, number);
    if (error == std::errc::result_out_of_range) fail(start, "the number is out of range");
    if (error != std::errc() || stop != end) fail(start, "expected a number");
    return number;
  };
  if (position_ == end_of_integer) return convert(std::int64_t{});
  return convert(double{});
}

std::int64_t SpecReader::take_integer() {
  const auto start = position();
  const auto number = take_number();
  if (!std::holds_alternative<std::int64_t>(number)) fail(start, "expected an integer");
  return std::get<std::int64_t>(number);
}

char SpecReader::take_escaped() {
  const char character = position_ < text_.size() ? text_[position_++] : '\0';
  switch (character) {
    case '"':
    case '\\':
      return character;
    case 'n':
      return '\n';
    case 't':
      return '\t';
    default:
      fail(position_ - 1, "expected one of \\\", \\\\, \\n, \\t");
  }
}

std::string SpecReader::take_text() {
  const auto start = position();
  take("\"");
  std::string text;
  while (position_ < text_.size()) {
    const char character = text_[position_++];
    if (character == '"') return text;
    text += character == '\\' ? take_escaped() : character;
  }
  fail(start, "the text has no closing '\"'");
}

std::string SpecReader::take_path() {
  const auto start = position();
  position_ = std::min(text_.find_first_of(",)", start), text_.size());
  std::string path(text_.substr(start, position_ - start));
  while (!path.empty() && is_blank(path.back())) path.pop_back();
  if (path.empty()) fail(start, "expected the name of a file");
  return path;
}

}  // namespace crosstrace::detail
