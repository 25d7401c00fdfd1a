// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A pass over two arrays whose elements do not lie side by side. For use inside compare/ only.
#pragma once

#include <crosstrace/compare/detail/vector_pass.h>

#include <cstdint>

namespace crosstrace::detail {

/// Rows and columns of one of the two arrays.
struct Rows {
  const char* data;
  std::int64_t column_stride;  ///< In bytes, as the next.
  std::int64_t row_stride;
};

/// How many there are in both arrays.
struct Extent {
  std::int64_t columns;
  std::int64_t rows;
  std::int64_t element_size;  ///< In bytes: 1, 2, 4, 8 or 16.
};

/// Long rows are read where they lie; of others, elements are gathered in a small buffer, never in
/// a copy of the whole.
void pass_over_rows(Pass pass, const Rows& actual, const Rows& expected, const Extent& extent,
                    Limits limits, Statistics& statistics);

}  // namespace crosstrace::detail
