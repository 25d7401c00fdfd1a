// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a zip archive says that is in it. For use inside archive/ only.
#pragma once

#include <caffe2/serialize/read_adapter_interface.h>

#include <cstdint>
#include <string>
#include <vector>

namespace crosstrace::detail {

struct ZipEntry {
  std::string name;
  std::uint64_t packed_bytes = 0;
  std::uint64_t bytes = 0;  ///< Unpacked.
  std::string raw;          ///< All that the directory says of it.
};

/// Reads the central directory alone, with the extensions for archives of more than 4 GiB.
/// @throws std::runtime_error if there is none or it does not fit into the file.
std::vector<ZipEntry> read_zip_directory(const caffe2::serialize::ReadAdapterInterface& file);

}  // namespace crosstrace::detail
