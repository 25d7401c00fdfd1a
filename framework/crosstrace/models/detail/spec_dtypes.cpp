// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/detail/spec_dtypes.h>

#include <array>
#include <limits>

namespace crosstrace::detail {
namespace {

using c10::ScalarType;

struct NamedDtype {
  std::string_view name;
  ScalarType dtype;
};

constexpr std::array kDtypes = {NamedDtype{"float32", ScalarType::Float},
                                NamedDtype{"float64", ScalarType::Double},
                                NamedDtype{"float16", ScalarType::Half},
                                NamedDtype{"bfloat16", ScalarType::BFloat16},
                                NamedDtype{"float8_e4m3fn", ScalarType::Float8_e4m3fn},
                                NamedDtype{"float8_e4m3fnuz", ScalarType::Float8_e4m3fnuz},
                                NamedDtype{"float8_e5m2", ScalarType::Float8_e5m2},
                                NamedDtype{"float8_e5m2fnuz", ScalarType::Float8_e5m2fnuz},
                                NamedDtype{"complex32", ScalarType::ComplexHalf},
                                NamedDtype{"complex64", ScalarType::ComplexFloat},
                                NamedDtype{"complex128", ScalarType::ComplexDouble},
                                NamedDtype{"int8", ScalarType::Char},
                                NamedDtype{"int16", ScalarType::Short},
                                NamedDtype{"int32", ScalarType::Int},
                                NamedDtype{"int64", ScalarType::Long},
                                NamedDtype{"uint8", ScalarType::Byte},
                                NamedDtype{"uint16", ScalarType::UInt16},
                                NamedDtype{"uint32", ScalarType::UInt32},
                                NamedDtype{"uint64", ScalarType::UInt64},
                                NamedDtype{"bool", ScalarType::Bool}};

}  // namespace

std::optional<ScalarType> dtype_named(std::string_view name) {
  for (const auto& [known, dtype] : kDtypes) {
    if (name == known) return dtype;
  }
  return std::nullopt;
}

std::string dtype_names() {
  std::string names;
  for (const auto& [name, dtype] : kDtypes)
    names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

std::pair<std::int64_t, std::int64_t> limits_of(ScalarType dtype) {
  const auto bits = 8 * static_cast<int>(c10::elementSize(dtype));
  const bool is_signed = c10::isSignedType(dtype);
  const auto greatest = std::numeric_limits<std::int64_t>::max();
  const auto magnitude_bits = is_signed ? bits - 1 : bits;
  const auto high = magnitude_bits >= 63 ? greatest : (std::int64_t{1} << magnitude_bits) - 1;
  return {is_signed ? -high - 1 : 0, high};
}

}  // namespace crosstrace::detail
