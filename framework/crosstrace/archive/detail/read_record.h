// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One file of the zip archive that an archive is. For use inside archive/ only.
#pragma once

#include <caffe2/serialize/inline_container.h>

#include <string>

namespace crosstrace::detail {

/// All of its bytes. @throws c10::Error if there is no such record, or it cannot be read.
inline std::string read_record(caffe2::serialize::PyTorchStreamReader& reader,
                               const std::string& name) {
  const auto [data, size] = reader.getRecord(name);
  return {static_cast<const char*>(data.get()), size};
}

}  // namespace crosstrace::detail
