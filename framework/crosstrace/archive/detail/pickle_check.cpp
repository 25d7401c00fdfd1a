// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/pickle_check.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace crosstrace::detail {
namespace {

[[noreturn]] void refuse(std::size_t at, const std::string& what) {
  throw std::runtime_error(what + " at byte " + std::to_string(at));
}

// Instructions without an argument, as LibTorch's Unpickler knows them.
constexpr std::string_view kBare = ".])}(NaeldsutbRQ\x81\x85\x86\x87\x88\x89";

class Walker {
 public:
  explicit Walker(std::string_view pickle) : pickle_(pickle) {}

  void walk() {
    while (step() != '.') {
    }
  }

 private:
  /// Walks over one instruction and its argument.
  unsigned char step() {
    const auto at = at_;
    const auto code = static_cast<unsigned char>(take(1));
    if (kBare.find(static_cast<char>(code)) != std::string_view::npos) return code;
    switch (code) {
      case 0x80:
      case 'K':
      case 'h':
        return take(1), code;
      case 'M':
        return take(2), code;
      case 'J':
      case 'j':
        return take(4), code;
      case 'G':
        return take(8), code;
      case 0x8A:
        return skip(take(1)), code;
      case 'X':
        return skip(take(4)), code;
      case 0x8D:
        return skip(take(8)), code;
      case 'q':
        return remember(take(1), at), code;
      case 'r':
        return remember(take(4), at), code;
      case 'c':
        return skip_line(), skip_line(), code;
      default:
        refuse(at, "an instruction that LibTorch does not write");
    }
  }

  /// A little-endian number.
  std::uint64_t take(std::size_t size) {
    if (size > pickle_.size() - at_) refuse(at_, "it is cut short");
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;)
      value = value << 8 | static_cast<unsigned char>(pickle_[at_ + i]);
    at_ += size;
    return value;
  }

  void skip(std::uint64_t size) {
    if (size > pickle_.size() - at_) refuse(at_, "a text longer than what is left");
    at_ += size;
  }

  void skip_line() {
    const auto end = pickle_.find('\n', at_);
    if (end == std::string_view::npos) refuse(at_, "a name without an end");
    at_ = end + 1;
  }

  void remember(std::uint64_t entry, std::size_t at) const {
    if (entry > pickle_.size()) refuse(at, "memo entry " + std::to_string(entry));
  }

  std::string_view pickle_;
  std::size_t at_ = 0;
};

}  // namespace

void check_pickle(std::string_view pickle) { Walker(pickle).walk(); }

}  // namespace crosstrace::detail
