// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/wrap.h>

#include <sstream>

namespace crosstrace::detail {
namespace {

constexpr std::size_t kHang = 4;

/// Characters that take a place: no escape sequences, and of those of several bytes one.
std::size_t visible(const std::string& text) {
  std::size_t count = 0;
  bool in_escape = false;
  for (const char c : text) {
    if (c == '\033') in_escape = true;
    const bool is_continued = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (!in_escape && !is_continued) ++count;
    if (c == 'm') in_escape = false;
  }
  return count;
}

std::string wrap_line(const std::string& line, std::size_t width) {
  const auto indent = line.find_first_not_of(' ');
  if (visible(line) <= width || indent == std::string::npos) return line;
  std::string text(indent, ' '), word;
  std::size_t used = indent;
  bool is_first = true;
  std::istringstream words(line.substr(indent));
  while (std::getline(words, word, ' ')) {
    const auto size = visible(word);
    if (!is_first && used + 1 + size > width) {
      text += "\n" + std::string(indent + kHang, ' ') + word;
      used = indent + kHang + size;
    } else {
      text += (is_first ? "" : " ") + word;
      used += size + (is_first ? 0 : 1);
    }
    is_first = false;
  }
  return text;
}

}  // namespace

std::string wrap(const std::string& text, std::size_t width) {
  std::istringstream lines(text);
  std::string wrapped;
  for (std::string line; std::getline(lines, line);) wrapped += wrap_line(line, width) + "\n";
  return wrapped;
}

}  // namespace crosstrace::detail
