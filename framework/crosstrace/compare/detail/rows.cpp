// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/detail/rows.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace crosstrace::detail {
namespace {

constexpr std::int64_t kGathered = 2048;  // elements
constexpr std::int64_t kLongRow = 512;    // setting out for a pass is nothing beside so many

template <std::size_t kSize>
void gather_elements(const char* from, std::int64_t stride, std::int64_t count, char* to) {
  for (std::int64_t i = 0; i < count; ++i) std::memcpy(to + i * kSize, from + i * stride, kSize);
}

void gather(const char* from, std::int64_t stride, std::int64_t count, std::int64_t size,
            char* to) {
  if (stride == size) {
    std::memcpy(to, from, count * size);
    return;
  }
  switch (size) {
    case 1:
      return gather_elements<1>(from, stride, count, to);
    case 2:
      return gather_elements<2>(from, stride, count, to);
    case 4:
      return gather_elements<4>(from, stride, count, to);
    case 8:
      return gather_elements<8>(from, stride, count, to);
    default:
      return gather_elements<16>(from, stride, count, to);
  }
}

/// Both sides of what is gathered, until a pass goes over them.
class Gathered {
 public:
  Gathered(Pass pass, std::int64_t size, Limits limits, Statistics& statistics)
      : pass_(pass), size_(size), limits_(limits), statistics_(statistics) {}

  void add_row(const char* actual, std::int64_t actual_stride, const char* expected,
               std::int64_t expected_stride, std::int64_t count) {
    while (count > 0) {
      const auto part = std::min(count, kGathered - count_);
      gather(actual, actual_stride, part, size_, actual_ + count_ * size_);
      gather(expected, expected_stride, part, size_, expected_ + count_ * size_);
      count_ += part;
      count -= part;
      actual += part * actual_stride;
      expected += part * expected_stride;
      if (count_ == kGathered) pass();
    }
  }

  void pass() {
    pass_(actual_, expected_, count_, limits_, statistics_);
    count_ = 0;
  }

 private:
  Pass pass_;
  std::int64_t size_;
  Limits limits_;
  Statistics& statistics_;
  std::int64_t count_ = 0;
  alignas(64) char actual_[kGathered * 16];
  alignas(64) char expected_[kGathered * 16];
};

}  // namespace

void pass_over_rows(Pass pass, const Rows& actual, const Rows& expected, const Extent& extent,
                    Limits limits, Statistics& statistics) {
  const auto size = extent.element_size;
  const bool is_dense = actual.column_stride == size && expected.column_stride == size;
  if (is_dense && (extent.columns >= kLongRow || extent.rows == 1)) {
    for (std::int64_t row = 0; row < extent.rows; ++row) {
      pass(actual.data + row * actual.row_stride, expected.data + row * expected.row_stride,
           extent.columns, limits, statistics);
    }
    return;
  }
  Gathered gathered(pass, extent.element_size, limits, statistics);
  for (std::int64_t row = 0; row < extent.rows; ++row) {
    gathered.add_row(actual.data + row * actual.row_stride, actual.column_stride,
                     expected.data + row * expected.row_stride, expected.column_stride,
                     extent.columns);
  }
  gathered.pass();
}

}  // namespace crosstrace::detail
