// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A file that is opened once and read from many places. For use inside archive/ only.
#pragma once

#include <caffe2/serialize/read_adapter_interface.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace crosstrace::detail {

/// Every read names its position, so that several readers, threads and forked processes share the
/// one descriptor. A file that is renamed or replaced meanwhile is still read as it was.
class OpenFile : public caffe2::serialize::ReadAdapterInterface {
 public:
  /// @throws std::runtime_error with the system's words (`No such file or directory`), or `the file
  /// is empty`.
  explicit OpenFile(const std::string& path);
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() override;

  std::size_t size() const override { return size_; }

  /// What lies behind the end is not read.
  /// @throws std::runtime_error with the system's words.
  std::size_t read(std::uint64_t at, void* buffer, std::size_t size,
                   const char* what) const override;

 private:
  int descriptor_;
  std::size_t size_ = 0;
};

}  // namespace crosstrace::detail
