// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Parallel.h>
#include <ATen/TensorIterator.h>
#include <crosstrace/compare/detail/element.h>
#include <crosstrace/compare/detail/rows.h>
#include <crosstrace/compare/detail/statistics.h>
#include <crosstrace/compare/detail/visit_dtype.h>

#include <cstring>
#include <mutex>

namespace crosstrace::detail {
namespace {

void raise(double& greatest, double value) {
  if (std::isfinite(value) && value > greatest) greatest = value;
}

/// For what few outputs are made of: complex numbers and float8.
template <class T>
void pass_over_each(const void* actual, const void* expected, std::int64_t count, Limits limits,
                    Statistics& statistics) {
  const Tolerance tolerance(limits.rtol, limits.atol);
  const auto* a = static_cast<const T*>(actual);
  const auto* e = static_cast<const T*>(expected);
  for (std::int64_t i = 0; i < count; ++i) {
    if (std::memcmp(a + i, e + i, sizeof(T)) == 0) continue;
    const auto difference = examine(a[i], e[i], tolerance);
    statistics.mismatched += difference.mismatched;
    statistics.nonfinite += difference.nonfinite;
    raise(statistics.max_abs, difference.abs);
    raise(statistics.max_rel, difference.rel);
  }
}

Pass pass_for(c10::ScalarType dtype) {
  const Passes& passes = chosen_passes();
  return visit_dtype(dtype, [&]<class T>(std::type_identity<T>) -> Pass {
    if constexpr (std::same_as<T, float>) return passes.float32;
    if constexpr (std::same_as<T, double>) return passes.float64;
    if constexpr (std::same_as<T, c10::Half>) return passes.float16;
    if constexpr (std::same_as<T, c10::BFloat16>) return passes.bfloat16;
    if constexpr (std::same_as<T, std::int8_t>) return passes.int8;
    if constexpr (std::same_as<T, std::int16_t>) return passes.int16;
    if constexpr (std::same_as<T, std::int32_t>) return passes.int32;
    if constexpr (std::same_as<T, std::int64_t>) return passes.int64;
    if constexpr (std::same_as<T, std::uint8_t> || std::same_as<T, bool>) return passes.uint8;
    if constexpr (std::same_as<T, std::uint16_t>) return passes.uint16;
    if constexpr (std::same_as<T, std::uint32_t>) return passes.uint32;
    if constexpr (std::same_as<T, std::uint64_t>) return passes.uint64;
    return pass_over_each<T>;
  });
}

// at::parallel_for is a template that runs serially, and does not say so, in whatever is compiled
// without -fopenmp. TensorIterator's loop is compiled inside LibTorch; it walks tensors in the
// order of their strides, so two of one memory format are one row.
Statistics pass_over_iterator(Pass pass, const at::Tensor& actual, const at::Tensor& expected,
                              Limits limits) {
  auto iterator = at::TensorIteratorConfig()
                      .add_const_input(actual)
                      .add_const_input(expected)
                      .check_all_same_dtype(false)
                      .build();
  Statistics total;
  std::mutex guard;
  iterator.for_each(
      [&](char** data, const std::int64_t* strides, std::int64_t columns, std::int64_t rows) {
        Statistics part;
        pass_over_rows(pass, {data[0], strides[0], strides[2]}, {data[1], strides[1], strides[3]},
                       {columns, rows, actual.element_size()}, limits, part);
        const std::lock_guard lock(guard);
        merge(total, part);
      });
  return total;
}

}  // namespace

void merge(Statistics& total, const Statistics& part) {
  total.mismatched += part.mismatched;
  total.nonfinite += part.nonfinite;
  raise(total.max_abs, part.max_abs);
  raise(total.max_rel, part.max_rel);
}

Statistics collect_statistics(const at::Tensor& actual, const at::Tensor& expected,
                              const Tolerance& tolerance) {
  const auto count = actual.numel();
  const Limits limits{tolerance.rtol(), tolerance.atol()};
  const Pass pass = pass_for(expected.scalar_type());
  if (count >= at::internal::GRAIN_SIZE || !actual.is_contiguous() || !expected.is_contiguous()) {
    return count == 0 ? Statistics() : pass_over_iterator(pass, actual, expected, limits);
  }
  Statistics statistics;
  pass(actual.const_data_ptr(), expected.const_data_ptr(), count, limits, statistics);
  return statistics;
}

}  // namespace crosstrace::detail
