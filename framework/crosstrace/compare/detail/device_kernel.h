// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What the library that holds the CUDA kernels (compare_kernel.cu) offers. It is opened at run
/// time and knows nothing of LibTorch. For use inside compare/ only.
#pragma once

#include <crosstrace/compare/detail/vector_pass.h>

#include <cstdint>

namespace crosstrace::detail {

/// Dtypes that kernels are made of. Bool is compared as uint8.
enum class DeviceDtype : std::int32_t {
  kFloat32,
  kFloat64,
  kFloat16,
  kBFloat16,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
};

/// Two dense arrays on one device.
struct DevicePair {
  const void* actual;
  const void* expected;
  std::int64_t count;
  DeviceDtype dtype;
  std::int32_t device;  ///< The CUDA ordinal.
  void* stream;         ///< A cudaStream_t: the work is queued there, and only it is waited for.
  Limits limits;
};

/// Null if its kernels can run on that device with the driver that is here, else why not.
using DeviceReady = const char* (*)(std::int32_t device);
inline constexpr const char* kDeviceReadyName = "crosstrace_compare_ready";

/// Adds what it finds to `statistics`. Null, or CUDA's word for what went wrong.
using DeviceCompare = const char* (*)(const DevicePair* pair, Statistics* statistics);
inline constexpr const char* kDeviceCompareName = "crosstrace_compare_pair_1";  ///< _1: the layout

}  // namespace crosstrace::detail
