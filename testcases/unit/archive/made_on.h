// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Archives as another machine would have saved them.
#pragma once

#include <crosstrace/archive/archive.h>
#include <crosstrace/archive/detail/named_devices.h>
#include <torch/csrc/jit/api/module.h>

#include <fstream>
#include <map>
#include <string>

namespace crosstrace {

/// Saves the module with other names for the devices of its tensors and attributes: `{{"sim:0",
/// "cuda:0"}}` for one that was on a GPU. Graphs can name what they like as it is.
inline void save_as_made_on(const torch::jit::Module& module, const std::string& path,
                            const std::map<std::string, std::string>& names) {
  const std::string original = path + ".original";
  module.save(original);
  const auto file = detail::with_other_devices(Archive(original).file(), names);
  std::string bytes(file->size(), '\0');
  file->read(0, bytes.data(), bytes.size(), "an archive");
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace crosstrace
