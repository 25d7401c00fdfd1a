// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Reads a tensor that lies elsewhere on the CPU, piece by piece. For use inside compare/ only.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>

#include <array>
#include <cstdint>
#include <optional>

namespace crosstrace::detail {

/// Elements in a piece, of any dtype: large enough for the bus, small enough to be pinned.
inline constexpr std::int64_t kChunkElements = std::int64_t{1} << 20;

/// Gives a tensor's pieces in order, and brings the next one while the last is being read. From
/// CUDA through two pinned buffers: a copy to pageable memory was measured to take 37 times as
/// long. What lies on the CPU is read in place.
class Chunks {
 public:
  /// @param flat contiguous, of one dimension.
  explicit Chunks(const at::Tensor& flat);

  /// On the CPU; good until the next is asked for, which is on its way meanwhile. Waits until the
  /// device's current stream has copied it.
  at::Tensor next();

 private:
  struct Buffer {
    at::Tensor memory;
    std::optional<c10::Event>
        copied;  // CUDA's alone: elsewhere copies do not return before they are done
  };

  void fetch(std::int64_t chunk);
  std::int64_t size_of(std::int64_t chunk) const;

  at::Tensor flat_;
  std::int64_t next_ = 0;
  std::array<Buffer, 2> buffers_;
};

}  // namespace crosstrace::detail
