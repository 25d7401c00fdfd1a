// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <caffe2/serialize/inline_container.h>
#include <crosstrace/archive/detail/little_endian.h>
#include <crosstrace/archive/detail/weightless_file.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

namespace crosstrace::detail {
namespace {

// Smaller records are read: LibTorch looks into the scales of a quantized tensor and the indices of a
// sparse one when it makes it.
constexpr std::size_t kSmall = 64 * 1024;

// Of a zip entry's local header: PKWARE's APPNOTE 4.3.7.
constexpr std::size_t kHeaderBytes = 30;
constexpr std::size_t kMethod = 8;
constexpr std::size_t kNameBytes = 26;
constexpr std::size_t kExtraBytes = 28;

bool holds_weights(const std::string& record) {
  return record.starts_with("data/") || record.starts_with("constants/");
}

std::uint64_t number(const std::array<char, kHeaderBytes>& header, std::size_t at) {
  return little_endian({header.data() + at, 2});
}

}  // namespace

WeightlessFile::WeightlessFile(std::shared_ptr<caffe2::serialize::ReadAdapterInterface> file)
    : file_(std::move(file)) {
  caffe2::serialize::PyTorchStreamReader reader(file_);
  for (const std::string& record : reader.getAllRecords()) {
    if (!holds_weights(record) || reader.getRecordSize(record) <= kSmall) continue;
    const std::uint64_t start = reader.getRecordHeaderOffset(record);
    std::array<char, kHeaderBytes> header{};
    file_->read(start, header.data(), header.size(), "a record's header");
    if (number(header, kMethod) != 0) continue;  // Compressed.
    const std::uint64_t data =
        start + kHeaderBytes + number(header, kNameBytes) + number(header, kExtraBytes);
    weights_.emplace(data, data + reader.getRecordSize(record));
  }
}

bool WeightlessFile::is_weight(std::uint64_t at, std::size_t size) const {
  const auto after = weights_.upper_bound(at);
  return after != weights_.begin() && at + size <= std::prev(after)->second;
}

std::size_t WeightlessFile::read(std::uint64_t at, void* buffer, std::size_t size,
                                 const char* what) const {
  if (!is_weight(at, size)) return file_->read(at, buffer, size, what);
  // LibTorch makes one of two constants that are equal
  // (torch/csrc/jit/passes/constant_pooling.cpp), so no two records may look the same.
  std::memcpy(buffer, &at, std::min(size, sizeof(at)));
  return size;
}

}  // namespace crosstrace::detail
