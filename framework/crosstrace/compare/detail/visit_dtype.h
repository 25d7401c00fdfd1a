// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// From a dtype at run time to its C++ type. For use inside compare/ only.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <type_traits>

namespace crosstrace::detail {

/// Calls `visitor(std::type_identity<T>())` with the C++ type of `dtype`. The packed and opaque
/// types (bits8, int4, uint4, float4 pairs, ...) have no arithmetic; they are visited as unsigned
/// integers of their storage.
template <class Visitor>
auto visit_dtype(c10::ScalarType dtype, Visitor&& visitor) {
  using c10::ScalarType;
  switch (dtype) {
#define CROSSTRACE_VISIT(type, name) \
  case ScalarType::name:             \
    return visitor(std::type_identity<type>());
    CROSSTRACE_VISIT(std::uint8_t, Byte)
    CROSSTRACE_VISIT(std::int8_t, Char)
    CROSSTRACE_VISIT(std::int16_t, Short)
    CROSSTRACE_VISIT(std::int32_t, Int)
    CROSSTRACE_VISIT(std::int64_t, Long)
    CROSSTRACE_VISIT(std::uint16_t, UInt16)
    CROSSTRACE_VISIT(std::uint32_t, UInt32)
    CROSSTRACE_VISIT(std::uint64_t, UInt64)
    CROSSTRACE_VISIT(bool, Bool)
    CROSSTRACE_VISIT(float, Float)
    CROSSTRACE_VISIT(double, Double)
    CROSSTRACE_VISIT(c10::Half, Half)
    CROSSTRACE_VISIT(c10::BFloat16, BFloat16)
    CROSSTRACE_VISIT(c10::Float8_e4m3fn, Float8_e4m3fn)
    CROSSTRACE_VISIT(c10::Float8_e4m3fnuz, Float8_e4m3fnuz)
    CROSSTRACE_VISIT(c10::Float8_e5m2, Float8_e5m2)
    CROSSTRACE_VISIT(c10::Float8_e5m2fnuz, Float8_e5m2fnuz)
    CROSSTRACE_VISIT(c10::Float8_e8m0fnu, Float8_e8m0fnu)
    CROSSTRACE_VISIT(c10::complex<c10::Half>, ComplexHalf)
    CROSSTRACE_VISIT(c10::complex<float>, ComplexFloat)
    CROSSTRACE_VISIT(c10::complex<double>, ComplexDouble)
#undef CROSSTRACE_VISIT
    default:
      if (c10::elementSize(dtype) == 2) return visitor(std::type_identity<std::uint16_t>());
      return visitor(std::type_identity<std::uint8_t>());
  }
}

}  // namespace crosstrace::detail
