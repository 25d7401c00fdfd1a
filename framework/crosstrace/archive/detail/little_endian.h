// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Numbers as zip archives and pickles hold them. For use inside archive/ only.
#pragma once

#include <cstdint>
#include <string_view>

namespace crosstrace::detail {

/// The number that at most 8 bytes hold, the lowest first.
inline std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    value = value << 8 | static_cast<unsigned char>(*byte);
  }
  return value;
}

}  // namespace crosstrace::detail
