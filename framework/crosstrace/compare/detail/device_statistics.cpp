// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/Exception.h>
#include <crosstrace/compare/detail/chunks.h>
#include <crosstrace/compare/detail/device_library.h>
#include <crosstrace/compare/detail/device_statistics.h>
#include <crosstrace/compare/detail/statistics.h>

#include <optional>
#include <utility>

namespace crosstrace::detail {
namespace {

std::optional<DeviceDtype> device_dtype(c10::ScalarType dtype) {
  using enum c10::ScalarType;
  switch (dtype) {
    case Float:
      return DeviceDtype::kFloat32;
    case Double:
      return DeviceDtype::kFloat64;
    case Half:
      return DeviceDtype::kFloat16;
    case BFloat16:
      return DeviceDtype::kBFloat16;
    case Char:
      return DeviceDtype::kInt8;
    case Short:
      return DeviceDtype::kInt16;
    case Int:
      return DeviceDtype::kInt32;
    case Long:
      return DeviceDtype::kInt64;
    case Bool:
    case Byte:
      return DeviceDtype::kUInt8;
    case UInt16:
      return DeviceDtype::kUInt16;
    case UInt32:
      return DeviceDtype::kUInt32;
    case UInt64:
      return DeviceDtype::kUInt64;
    default:
      return std::nullopt;
  }
}

/// Both as one dimension, in one order of elements; a copy, where they lie, only if the orders of
/// their memory differ.
std::pair<at::Tensor, at::Tensor> flattened(const at::Tensor& actual, const at::Tensor& expected) {
  if (actual.strides() == expected.strides() && actual.is_non_overlapping_and_dense()) {
    const auto in_memory = [](const at::Tensor& tensor) {
      return tensor.as_strided({tensor.numel()}, {1});
    };
    return {in_memory(actual), in_memory(expected)};
  }
  return {actual.contiguous().view(-1), expected.contiguous().view(-1)};
}

std::optional<Statistics> compare_on_device(const at::Tensor& actual, const at::Tensor& expected,
                                            const Tolerance& tolerance) {
  if (!actual.is_cuda() || actual.device() != expected.device()) return std::nullopt;
  const auto dtype = device_dtype(expected.scalar_type());
  if (!dtype) return std::nullopt;
  const c10::DeviceGuard guard(actual.device());
  const DeviceCompare compare = device_compare(actual.device());
  if (compare == nullptr) return std::nullopt;
  const c10::impl::VirtualGuardImpl streams(c10::kCUDA);
  const DevicePair pair{.actual = actual.const_data_ptr(),
                        .expected = expected.const_data_ptr(),
                        .count = actual.numel(),
                        .dtype = *dtype,
                        .device = actual.device().index(),
                        .stream = streams.getStream(actual.device()).native_handle(),
                        .limits = {tolerance.rtol(), tolerance.atol()}};
  Statistics statistics;
  const char* error = compare(&pair, &statistics);
  TORCH_CHECK(error == nullptr, "CUDA error: ", error, " (while two tensors were compared on ",
              actual.device(), ")");
  return statistics;
}

Statistics compare_in_chunks(const at::Tensor& actual, const at::Tensor& expected,
                             const Tolerance& tolerance) {
  Statistics total;
  Chunks of_actual(actual), of_expected(expected);
  for (std::int64_t done = 0; done < actual.numel(); done += kChunkElements) {
    merge(total, collect_statistics(of_actual.next(), of_expected.next(), tolerance));
  }
  return total;
}

}  // namespace

Statistics collect_device_statistics(const at::Tensor& actual, const at::Tensor& expected,
                                     const Tolerance& tolerance) {
  if (actual.numel() == 0) return {};
  const auto [a, e] = flattened(actual, expected);
  if (const auto found = compare_on_device(a, e, tolerance)) return *found;
  return compare_in_chunks(a, e, tolerance);
}

at::Tensor bring_to_cpu(const at::Tensor& tensor) {
  const bool is_plain = tensor.layout() == at::kStrided && !tensor.is_quantized();
  if (!tensor.is_cuda() || !is_plain) return tensor.cpu();
  const at::Tensor flat = tensor.contiguous().view(-1);
  const at::Tensor whole = at::empty(flat.sizes(), flat.scalar_type());
  Chunks chunks(flat);
  for (std::int64_t done = 0; done < flat.numel(); done += kChunkElements) {
    const at::Tensor chunk = chunks.next();
    whole.narrow(0, done, chunk.numel()).copy_(chunk);
  }
  return whole.view(tensor.sizes());
}

}  // namespace crosstrace::detail
