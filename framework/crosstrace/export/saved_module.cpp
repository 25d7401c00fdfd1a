// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/base/module_tensors.h>
#include <crosstrace/export/saved_module.h>
#include <torch/csrc/jit/serialization/export.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_set>
#include <utility>

namespace crosstrace {
namespace {

constexpr std::size_t kSmall = 64 * 1024;
constexpr std::size_t kChunk = 16 * 1024 * 1024;

at::Tensor bytes_of(const c10::Storage& storage) {
  const auto size = static_cast<std::int64_t>(storage.nbytes());
  const auto options = at::TensorOptions(storage.device()).dtype(at::kByte);
  return at::empty({0}, options).set_(storage, 0, {size}, {1});
}

bool are_equal(const at::Tensor& elements, const char* data) {
  const auto size = static_cast<std::size_t>(elements.numel());
  for (std::size_t at = 0; at < size; at += kChunk) {
    const std::size_t length = std::min(kChunk, size - at);
    const at::Tensor host = elements.narrow(0, at, length).cpu();
    if (std::memcmp(host.const_data_ptr(), data + at, length) != 0) return false;
  }
  return true;
}

/// Tells which of the module's storages is being written. The serializer hands out the memory of one
/// on the CPU itself, and a copy of any other (getWriteableTensorData of
/// torch/csrc/jit/serialization/pickler.cpp), which is told by what is in it.
class Storages {
 public:
  explicit Storages(const torch::jit::Module& module) {
    std::unordered_set<const void*> seen;
    for (const at::Tensor& tensor : tensors_of(module)) {
      if (!tensor.has_storage() || tensor.is_meta()) continue;
      const c10::Storage& storage = tensor.storage();
      const bool is_new = seen.insert(storage.unsafeGetStorageImpl()).second;
      if (is_new && storage.nbytes() > kSmall) by_size_.emplace(storage.nbytes(), storage);
    }
  }

  /// Undefined if it is none of them.
  at::Tensor find(const char* data, std::size_t size) const {
    const auto [first, last] = by_size_.equal_range(size);
    for (auto it = first; it != last; ++it) {
      const c10::Storage& storage = it->second;
      const bool is_it =
          storage.device().is_cpu() ? storage.data() == data : are_equal(bytes_of(storage), data);
      if (is_it) return bytes_of(storage);
    }
    return {};
  }

 private:
  std::multimap<std::size_t, c10::Storage> by_size_;
};

}  // namespace

SavedModule::SavedModule(const torch::jit::Module& module) {
  const Storages storages(module);
  torch::jit::ExportModule(module, [&](const void* data, std::size_t size) {
    const auto* chars = static_cast<const char*>(data);
    append(chars, size, size > kSmall ? storages.find(chars, size) : at::Tensor());
    return size;
  });
}

void SavedModule::append(const char* data, std::size_t size, at::Tensor elements) {
  const std::uint64_t begin = this->size();
  if (elements.defined()) {
    parts_.push_back({begin, size, std::move(elements), 0});
    return;
  }
  if (parts_.empty() || parts_.back().elements.defined()) {
    parts_.push_back({begin, 0, {}, bytes_.size()});
  }
  bytes_.append(data, size);
  parts_.back().size += size;
}

std::size_t SavedModule::size() const {
  return parts_.empty() ? 0 : parts_.back().begin + parts_.back().size;
}

void SavedModule::copy(const at::Tensor& elements, std::size_t at, char* buffer, std::size_t size) {
  const at::Tensor part = elements.narrow(0, at, size);
  if (part.is_cpu()) {
    std::memcpy(buffer, part.const_data_ptr(), size);
  } else {
    at::from_blob(buffer, {static_cast<std::int64_t>(size)}, at::kByte).copy_(part);
  }
}

std::size_t SavedModule::read(std::uint64_t at, void* buffer, std::size_t size, const char*) const {
  auto* out = static_cast<char*>(buffer);
  auto part = std::upper_bound(
      parts_.begin(), parts_.end(), at,
      [](std::uint64_t offset, const Part& later) { return offset < later.begin; });
  std::size_t done = 0;
  for (part = part == parts_.begin() ? parts_.end() : std::prev(part);
       part != parts_.end() && done < size; ++part) {
    const std::size_t skipped = at + done - part->begin;
    if (skipped >= part->size) break;  // Behind the end.
    const std::size_t length = std::min(size - done, part->size - skipped);
    if (part->elements.defined()) {
      copy(part->elements, skipped, out + done, length);
    } else {
      std::memcpy(out + done, bytes_.data() + part->in_own + skipped, length);
    }
    done += length;
  }
  return done;
}

}  // namespace crosstrace
