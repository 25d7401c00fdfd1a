// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Archives that this process cannot script, made of those that it can.
#pragma once

#include <caffe2/serialize/inline_container.h>

#include <string>
#include <utility>
#include <vector>

#include "unit/process.h"

namespace crosstrace {

/// Replaces text in the code of the archive at `path`.
inline void edit_archive(const std::string& path, const std::string& from, const std::string& to) {
  std::vector<std::pair<std::string, std::string>> records;
  {
    caffe2::serialize::PyTorchStreamReader reader(path);
    for (const std::string& name : reader.getAllRecords()) {
      if (name == "version" || name.starts_with(".data/") || name == "byteorder") continue;
      const auto [data, size] = reader.getRecord(name);
      std::string text(static_cast<const char*>(data.get()), size);
      if (name.ends_with(".py")) text = replace_all(std::move(text), from, to);
      records.emplace_back(name, std::move(text));
    }
  }
  caffe2::serialize::PyTorchStreamWriter writer(path);
  for (const auto& [name, text] : records) writer.writeRecord(name, text.data(), text.size());
  writer.writeEndOfFile();
}

}  // namespace crosstrace
