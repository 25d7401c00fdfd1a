// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A file of which LibTorch believes to have read the weights. For use inside archive/ only.
#pragma once

#include <caffe2/serialize/read_adapter_interface.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace crosstrace::detail {

/// Reads like the file, except that records of more than 64 KiB that hold the data of tensors are
/// left as the allocator gave their memory, so that its pages are never touched; what is compressed
/// is read. So nothing may look into the data: only read_program is given such a file. Safe for
/// several threads at once, as the file is.
class WeightlessFile : public caffe2::serialize::ReadAdapterInterface {
 public:
  /// @throws c10::Error if the file is no archive.
  explicit WeightlessFile(std::shared_ptr<caffe2::serialize::ReadAdapterInterface> file);

  std::size_t size() const override { return file_->size(); }
  std::size_t read(std::uint64_t at, void* buffer, std::size_t size,
                   const char* what) const override;

 private:
  bool is_weight(std::uint64_t at, std::size_t size) const;

  std::shared_ptr<caffe2::serialize::ReadAdapterInterface> file_;
  std::map<std::uint64_t, std::uint64_t> weights_;  // Where data begins, and where it ends.
};

}  // namespace crosstrace::detail
