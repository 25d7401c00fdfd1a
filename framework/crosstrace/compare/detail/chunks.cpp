// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <crosstrace/compare/detail/chunks.h>

#include <algorithm>

namespace crosstrace::detail {

Chunks::Chunks(const at::Tensor& flat) : flat_(flat) {
  if (flat.is_cpu() || flat.numel() == 0) return;
  const auto options = at::TensorOptions(flat.scalar_type()).pinned_memory(flat.is_cuda());
  for (Buffer& buffer : buffers_) {
    buffer.memory = at::empty({std::min(kChunkElements, flat.numel())}, options);
    if (flat.is_cuda()) buffer.copied.emplace(c10::kCUDA);
  }
  fetch(0);
}

at::Tensor Chunks::next() {
  const std::int64_t chunk = next_++;
  const std::int64_t size = size_of(chunk);
  if (flat_.is_cpu()) return flat_.narrow(0, chunk * kChunkElements, size);
  if (size_of(chunk + 1) > 0) fetch(chunk + 1);
  Buffer& buffer = buffers_[chunk % 2];
  if (buffer.copied) buffer.copied->synchronize();
  return buffer.memory.narrow(0, 0, size);
}

std::int64_t Chunks::size_of(std::int64_t chunk) const {
  return std::clamp<std::int64_t>(flat_.numel() - chunk * kChunkElements, 0, kChunkElements);
}

void Chunks::fetch(std::int64_t chunk) {
  Buffer& buffer = buffers_[chunk % 2];
  const std::int64_t size = size_of(chunk);
  buffer.memory.narrow(0, 0, size)
      .copy_(flat_.narrow(0, chunk * kChunkElements, size), /*non_blocking=*/flat_.is_cuda());
  if (!buffer.copied) return;
  const c10::impl::VirtualGuardImpl guard(c10::kCUDA);
  buffer.copied->record(guard.getStream(flat_.device()));
}

}  // namespace crosstrace::detail
