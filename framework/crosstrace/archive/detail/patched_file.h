// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An archive with other bytes in some of its records, in memory only. For use inside archive/
/// only.
#pragma once

#include <caffe2/serialize/read_adapter_interface.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace crosstrace::detail {

/// Reads as the file with the new records behind its end and a directory of its own behind those,
/// as a zip archive is that was added to. Nothing of the file is copied.
class PatchedFile : public caffe2::serialize::ReadAdapterInterface {
 public:
  /// @param records by full name (`model/data.pkl`), each one of the archive.
  /// @throws std::runtime_error if the file is no archive.
  PatchedFile(std::shared_ptr<caffe2::serialize::ReadAdapterInterface> file,
              const std::map<std::string, std::string>& records);

  std::size_t size() const override { return file_->size() + added_.size(); }
  std::size_t read(std::uint64_t at, void* buffer, std::size_t size,
                   const char* what) const override;

 private:
  std::shared_ptr<caffe2::serialize::ReadAdapterInterface> file_;
  std::string added_;
};

}  // namespace crosstrace::detail
