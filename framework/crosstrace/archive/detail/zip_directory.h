// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a zip archive says that is in it. For use inside export/ only.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace crosstrace::detail {

struct ZipEntry {
  std::string name;
  std::uint64_t packed_bytes = 0;
  std::uint64_t bytes = 0;  ///< Unpacked.
};

/// Reads the central directory alone, with the extensions for archives of more than 4 GiB.
/// @throws std::runtime_error if there is none or it does not fit into the file.
std::vector<ZipEntry> read_zip_directory(std::istream& file);

}  // namespace crosstrace::detail
