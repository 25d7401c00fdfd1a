// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Walks two arrays in blocks that fit the first-level cache. For use inside compare/ only.
#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace crosstrace::detail {

/// At most so many elements has a block: two times 16 KiB of doubles.
constexpr std::int64_t kBlockElements = 2048;

/// Two arrays of `count` elements, the first of them at `position` of its tensor.
template <class T>
struct Block {
  const T* actual;
  const T* expected;
  std::int64_t count;
  std::int64_t position;
};

/// Calls `work(begin, end)` for shares of [0, count) that together are all of it, on as many
/// threads as LibTorch would use, each share a multiple of a block. Own threads rather than
/// at::parallel_for, which without -fopenmp at the place where it is expanded runs serially and
/// does not say so; starting one costs far less than the smallest share takes.
template <class Work>
void in_parallel(std::int64_t count, Work work) {
  constexpr std::int64_t kSmallestShare = 128 * kBlockElements;
  const auto threads = std::clamp<std::int64_t>(count / kSmallestShare, 1, at::get_num_threads());
  const auto blocks = (count + kBlockElements - 1) / kBlockElements;
  const auto share = (blocks + threads - 1) / threads * kBlockElements;
  std::vector<std::jthread> helpers;
  for (auto begin = share; begin < count; begin += share) {
    helpers.emplace_back(work, begin, std::min(begin + share, count));
  }
  work(0, std::min(share, count));
}

/// Adds up `add(accumulator, block)` over all blocks. One accumulator a thread, put together by
/// `merge(total, part)` in no certain order.
template <class T, class Accumulator, class Add, class Merge>
Accumulator over_blocks(const at::Tensor& actual, const at::Tensor& expected, Add add,
                        Merge merge) {
  const auto* a = static_cast<const T*>(actual.const_data_ptr());
  const auto* e = static_cast<const T*>(expected.const_data_ptr());
  Accumulator total{};
  std::mutex guard;
  in_parallel(actual.numel(), [&](std::int64_t begin, std::int64_t end) {
    Accumulator part{};
    for (auto i = begin; i < end; i += kBlockElements) {
      add(part, Block<T>{a + i, e + i, std::min(kBlockElements, end - i), i});
    }
    const std::lock_guard lock(guard);
    merge(total, part);
  });
  return total;
}

}  // namespace crosstrace::detail
