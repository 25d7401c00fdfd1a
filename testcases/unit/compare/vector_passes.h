// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The instruction sets in which this processor can compare.
#pragma once

#include <ATen/Version.h>
#include <c10/core/ScalarType.h>
#include <crosstrace/compare/detail/vector_pass.h>

#include <string>
#include <utility>
#include <vector>

namespace crosstrace {

inline std::vector<std::pair<std::string, const detail::Passes*>> vector_passes() {
  std::vector<std::pair<std::string, const detail::Passes*>> found;
  const std::string capability = at::get_cpu_capability();
  const bool has_avx512 = capability.starts_with("AVX512");
  found.emplace_back("baseline", detail::baseline_passes());
  if (has_avx512 || capability == "AVX2") found.emplace_back("AVX2", detail::avx2_passes());
  if (has_avx512) found.emplace_back("AVX-512", detail::avx512_passes());
  std::erase_if(found, [](const auto& entry) { return entry.second == nullptr; });
  return found;
}

/// Null where no vectors are made of the dtype.
inline detail::Pass pass_of(const detail::Passes& passes, c10::ScalarType dtype) {
  using enum c10::ScalarType;
  switch (dtype) {
    case Float:
      return passes.float32;
    case Double:
      return passes.float64;
    case Half:
      return passes.float16;
    case BFloat16:
      return passes.bfloat16;
    case Char:
      return passes.int8;
    case Short:
      return passes.int16;
    case Int:
      return passes.int32;
    case Long:
      return passes.int64;
    case Bool:
    case Byte:
      return passes.uint8;
    case UInt16:
      return passes.uint16;
    case UInt32:
      return passes.uint32;
    case UInt64:
      return passes.uint64;
    default:
      return nullptr;
  }
}

}  // namespace crosstrace
