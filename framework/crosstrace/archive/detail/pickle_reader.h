// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The instructions of a pickle, one after the other. For use inside archive/ only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace crosstrace::detail {

/// One instruction, as Python's pickletools shows it.
struct PickleOp {
  unsigned char code = '.';  ///< `X` for BINUNICODE, `q` for BINPUT, ...
  std::size_t begin = 0;     ///< Its first byte.
  std::size_t end = 0;       ///< The byte after its argument.
  std::string_view text;     ///< Of a text; of GLOBAL `torch\ndevice`. Else empty.
  std::uint64_t number = 0;  ///< Of a number, of a memo entry. Else 0.

  bool is_text() const { return code == 'X' || code == 0x8D; }
  bool is_put() const { return code == 'q' || code == 'r'; }
  bool is_get() const { return code == 'h' || code == 'j'; }
};

/// Knows the instructions that LibTorch's Unpickler knows (torch/csrc/jit/serialization/pickler.h)
/// and does not follow them.
class PickleReader {
 public:
  explicit PickleReader(std::string_view pickle) : pickle_(pickle) {}

  /// The next instruction; the last one is `.`.
  /// @throws std::runtime_error naming the byte where the pickle is cut short, or an instruction is
  /// one that LibTorch does not write.
  PickleOp next();

 private:
  std::uint64_t take(std::size_t size);
  std::string_view take_text(std::uint64_t size);
  void take_line();

  std::string_view pickle_;
  std::size_t at_ = 0;
};

}  // namespace crosstrace::detail
