// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/detail/blocks.h>
#include <crosstrace/compare/detail/distance.h>
#include <crosstrace/compare/detail/element.h>
#include <crosstrace/compare/detail/visit_dtype.h>

#include <algorithm>
#include <cmath>
#include <mutex>

namespace crosstrace::detail {
namespace {

void merge(Distance& total, const Distance& part) {
  total.error = std::max(total.error, part.error);
  total.greatest = std::max(total.greatest, part.greatest);
  total.is_defined = total.is_defined && part.is_defined;
}

template <Real T>
Distance distance_of(const T* values, const double* exact, std::int64_t count) {
  Distance found;
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = widen(values[i]);
    if (!std::isfinite(value)) continue;
    const double error = std::abs(value - exact[i]);
    found.is_defined = found.is_defined && std::isfinite(error);
    found.error = error > found.error ? error : found.error;
    found.greatest = std::max(found.greatest, std::abs(value));
  }
  return found;
}

}  // namespace

Distance distance(const at::Tensor& values, const at::Tensor& exact) {
  Distance total;
  std::mutex guard;
  const auto* exact_data = exact.const_data_ptr<double>();
  visit_dtype(values.scalar_type(), [&]<class T>(std::type_identity<T>) {
    if constexpr (Real<T>) {
      const auto* data = static_cast<const T*>(values.const_data_ptr());
      in_parallel(values.numel(), [&](std::int64_t begin, std::int64_t end) {
        const Distance part = distance_of(data + begin, exact_data + begin, end - begin);
        const std::lock_guard lock(guard);
        merge(total, part);
      });
    }
  });
  return total;
}

}  // namespace crosstrace::detail
