// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/printable.h>

#include <cstddef>

namespace crosstrace {
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

/// Also those of two bytes, U+0080 to U+009F, and the line ends of Unicode, U+2028 and U+2029.
bool is_control(std::string_view character) {
  const auto first = byte_at(character, 0);
  if (first < 0x20) return first != '\t' && first != '\n';
  if (first == 0xC2) return byte_at(character, 1) < 0xA0;
  return first == 0x7F || character == "\xE2\x80\xA8" || character == "\xE2\x80\xA9";
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t position = 0; position < text.size();) {
    const auto length = character_length(text, position);
    const auto character = text.substr(position, length);
    const bool is_fit = length > 0 && !is_control(character);
    result += is_fit ? character : kReplacement;
    position += length > 0 ? length : 1;
  }
  return result;
}

}  // namespace crosstrace
