// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An archive for looking at: its graphs and attributes without its weights.
///
///     crosstrace::ArchiveReading reading = crosstrace::read_without_weights("model.pt");
///     std::cout << *reading.module.get_method("forward").graph();
#pragma once

#include <crosstrace/archive/archive.h>
#include <torch/csrc/jit/api/module.h>

#include <string>
#include <vector>

namespace crosstrace {

struct ArchiveReading {
  /// On the CPU. Its tensors have their shapes and dtypes, and data that nobody read: do not call
  /// it, do not save it.
  torch::jit::Module module;

  std::vector<std::string> storage_locations;  ///< Devices that its tensors were saved on, sorted.

  /// The device that the literals in its graphs name if they name one, else the one that all its
  /// tensors were saved on; else `unknown`.
  std::string trace_device;
};

/// What diagnosis needs of an archive, read as `Archive::without_weights` does.
/// @throws as that does.
ArchiveReading read_without_weights(const Archive& archive);

}  // namespace crosstrace
