// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/method_spec.h>

#include <algorithm>
#include <cctype>

namespace crosstrace {
namespace {

bool is_word(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '_';
}

/// The length of `encode` in `encode:SPEC`; 0 if no method is named.
std::size_t method_length(std::string_view text) {
  const std::size_t end = std::find_if_not(text.begin(), text.end(), is_word) - text.begin();
  const bool starts_well = end > 0 && std::isdigit(static_cast<unsigned char>(text.front())) == 0;
  return starts_well && end < text.size() && text[end] == ':' ? end : 0;
}

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

/// Where the text ends that begins at `start`: at the next comma that is no part of a SPEC.
std::size_t end_of_argument(std::string_view list, std::size_t start) {
  int depth = 0;
  bool is_quoted = false;
  std::size_t i = start;
  for (; i < list.size(); ++i) {
    const char c = list[i];
    if (is_quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && (c == '(' || c == '[')) {
      ++depth;
    } else if (!is_quoted && (c == ')' || c == ']')) {
      --depth;
    } else if (!is_quoted && c == ',' && depth <= 0) {
      break;
    }
  }
  return std::min(i, list.size());
}

}  // namespace

std::vector<MethodSpecs> by_method(const std::vector<std::string>& texts) {
  std::vector<MethodSpecs> all;
  for (const std::string& text : texts) {
    const std::string_view plain = without_blanks(text);
    const std::size_t length = method_length(plain);
    const std::string method = length == 0 ? "forward" : std::string(plain.substr(0, length));
    auto place = std::find_if(all.begin(), all.end(),
                              [&](const MethodSpecs& known) { return known.method == method; });
    if (place == all.end()) place = all.insert(all.end(), {method, {}});
    place->specs.push_back(length == 0 ? text : std::string(plain.substr(length + 1)));
  }
  return all;
}

std::vector<std::string> split_arguments(std::string_view list) {
  std::vector<std::string> arguments;
  for (std::size_t start = 0; start <= list.size();) {
    const std::size_t end = end_of_argument(list, start);
    arguments.emplace_back(list.substr(start, end - start));
    start = end + 1;
  }
  return arguments;
}

}  // namespace crosstrace
