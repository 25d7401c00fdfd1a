// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An archive for looking at: its graphs and attributes without its weights.
///
///     crosstrace::ArchiveReading reading = crosstrace::read_without_weights("model.pt");
///     std::cout << *reading.module.get_method("forward").graph();
#pragma once

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

/// Reads all but the data of tensors, which takes memory only if it is compressed. An archive of
/// 1 GiB takes about 20 ms.
/// @throws std::runtime_error in one line, for a file that LibTorch should not be given
/// (archive_check.h); else what LibTorch throws: c10::Error, or torch::jit::ErrorReport for an
/// operator that it does not know.
ArchiveReading read_without_weights(const std::string& path);

}  // namespace crosstrace
