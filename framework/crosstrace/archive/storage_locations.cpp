// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/home_device.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>

// A tensor's storage is a persistent id of the pickle: ('storage', type, key, location, elements).
// Its last instructions are the location, a text or a reference to one that came before; a number;
// TUPLE; BINPERSID; with a memo's PUT after what may be referred to.
namespace crosstrace {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view pickle) : pickle_(pickle) {}

  std::set<std::string> scan() {
    for (std::size_t at = 0; at < pickle_.size(); ++at) {
      if (pickle_[at] == 'X') see_text(at);
      if (pickle_[at] == 'h') see_reference(at, 1);
      if (pickle_[at] == 'j') see_reference(at, 4);
    }
    return std::move(locations_);
  }

 private:
  void see_text(std::size_t at) {
    const std::uint64_t length = number(at + 1, 4);
    const std::size_t end = at + 5 + length;
    if (length == 0 || length > 32 || end > pickle_.size()) return;
    const std::string text(pickle_.substr(at + 5, length));
    if (!is_device(text)) return;
    if (byte(end) == 'q') texts_[number(end + 1, 1)] = text;
    if (byte(end) == 'r') texts_[number(end + 1, 4)] = text;
    if (ends_storage(skip_put(end))) locations_.insert(text);
  }

  void see_reference(std::size_t at, std::size_t size) {
    const auto text = texts_.find(number(at + 1, size));
    if (text != texts_.end() && ends_storage(at + 1 + size)) locations_.insert(text->second);
  }

  bool ends_storage(std::size_t at) const {
    const std::map<char, std::size_t> kNumbers = {{'K', 1}, {'M', 2}, {'J', 4}, {'\x8a', 9}};
    const auto elements = kNumbers.find(byte(at));
    if (elements == kNumbers.end()) return false;
    at += 1 + elements->second;
    return byte(at) == 't' && byte(skip_put(at + 1)) == 'Q';
  }

  std::size_t skip_put(std::size_t at) const {
    if (byte(at) == 'q') return at + 2;
    return byte(at) == 'r' ? at + 5 : at;
  }

  /// `cpu`, `cuda:1`, or another word of that form.
  static bool is_device(const std::string& text) {
    const auto is_letter = [](unsigned char c) { return std::islower(c) != 0 || c == '_'; };
    const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string index = colon == text.size() ? "0" : text.substr(colon + 1);
    return colon > 0 && !index.empty() &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                       is_letter) &&
           std::all_of(index.begin(), index.end(), is_digit);
  }

  char byte(std::size_t at) const { return at < pickle_.size() ? pickle_[at] : '\0'; }

  /// A little-endian number; what lies behind the end counts as 0.
  std::uint64_t number(std::size_t at, std::size_t size) const {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;)
      value = value << 8 | static_cast<unsigned char>(byte(at + i));
    return value;
  }

  std::string_view pickle_;
  std::map<std::uint64_t, std::string> texts_;  // By memo entry.
  std::set<std::string> locations_;
};

}  // namespace

std::vector<std::string> storage_locations(const std::string& pickle) {
  const std::set<std::string> found = Scanner(pickle).scan();
  return {found.begin(), found.end()};
}

}  // namespace crosstrace
