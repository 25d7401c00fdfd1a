// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A file of this process's own that is gone when the test is over.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

namespace crosstrace {

class TemporaryFile {
 public:
  /// Makes an empty folder of its own for it; the file itself does not exist yet.
  explicit TemporaryFile(const std::string& name) {
    std::string pattern = (std::filesystem::temp_directory_path() / "crosstrace_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    path_ = (folder_ / name).string();
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::filesystem::remove_all(folder_); }

  const std::string& path() const noexcept { return path_; }
  const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  std::filesystem::path folder_;
  std::string path_;
};

}  // namespace crosstrace
