// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Archives read with all that is beside the model in them, and files that are whole or not there.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <string>

namespace crosstrace::detail {

/// The files that were saved beside the model, by name.
/// @throws c10::Error if the archive cannot be read.
torch::jit::ExtraFilesMap extra_files(const std::string& archive);

/// A file under a temporary name in the folder of its target, gone unless it is kept.
class PendingFile {
 public:
  explicit PendingFile(std::filesystem::path target);
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  ~PendingFile();

  const std::string& path() const noexcept { return path_; }

  /// @throws std::runtime_error `cannot write fixed.pt: No space left on device`.
  void save(const torch::jit::Module& module, const torch::jit::ExtraFilesMap& extra);
  void copy_of(const std::string& archive);

  /// Gives it the target's name; what had it is replaced.
  /// @throws std::runtime_error as `save` does.
  void keep();

 private:
  std::filesystem::path target_;
  std::string path_;
};

}  // namespace crosstrace::detail
