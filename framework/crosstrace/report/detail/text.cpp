// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/text.h>

#include <cstddef>

namespace crosstrace::detail {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

unsigned char byte_at(std::string_view text, std::size_t position) {
  return position < text.size() ? static_cast<unsigned char>(text[position]) : 0;
}

// 0 if no character begins here. Overlong forms, surrogates and what lies beyond Unicode are no
// characters.
std::size_t character_length(std::string_view text, std::size_t position) {
  const auto first = byte_at(text, position), second = byte_at(text, position + 1);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, position + i) & 0xC0) != 0x80) return 0;
  }
  const bool is_overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool is_no_character = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return is_overlong || is_no_character ? 0 : length;
}

bool is_control(unsigned char byte) {
  return (byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t position = 0; position < text.size();) {
    const auto length = character_length(text, position);
    const bool is_fit = length > 0 && !is_control(byte_at(text, position));
    result += is_fit ? text.substr(position, length) : kReplacement;
    position += is_fit ? length : 1;
  }
  return result;
}

std::string cell_count(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " cell" : " cells");
}

}  // namespace crosstrace::detail
