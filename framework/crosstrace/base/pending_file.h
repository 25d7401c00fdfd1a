// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A file that is whole or not there.
///
///     crosstrace::PendingFile file("out/report.xml");
///     std::ofstream(file.path()) << report;
///     file.keep();
#pragma once

#include <filesystem>
#include <string>
#include <system_error>

namespace crosstrace {

/// A file under a temporary name in the folder of its target, gone unless it is kept. A reader
/// never sees half of it, and what had the target's name is not lost if the disk is full. A target
/// that is a symbolic link stays one: what it points to is replaced.
class PendingFile {
 public:
  explicit PendingFile(const std::filesystem::path& target);
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  ~PendingFile();

  /// Where to write.
  const std::string& path() const noexcept { return path_; }

  /// Gives it the target's name; what had it is replaced.
  /// @throws std::runtime_error `cannot write fixed.pt: No space left on device`.
  void keep();

  /// Throws what `keep` throws, for a system's reason; for io_error where `error` has none.
  [[noreturn]] void refuse(std::error_code error) const;

 private:
  std::filesystem::path name_;    ///< As it was given, for messages.
  std::filesystem::path target_;  ///< The file itself, behind links.
  std::string path_;
};

/// The reason of the system for the call that just failed, from errno.
std::error_code last_error();

}  // namespace crosstrace
