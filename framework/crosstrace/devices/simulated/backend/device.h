// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What every part of the simulated device agrees on: its type, its indices, the current one of a
/// thread.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace crosstrace::simulated {

inline constexpr c10::DeviceType kDeviceType = c10::DeviceType::PrivateUse1;
inline constexpr c10::DeviceIndex kDeviceCount = 2;
inline constexpr const char* kName = "sim";

/// The current index of the calling thread, 0 until somebody sets another.
[[nodiscard]] c10::DeviceIndex current_index() noexcept;

/// Makes `index` current and returns the one that was; a negative index changes nothing.
c10::DeviceIndex exchange_index(c10::DeviceIndex index) noexcept;

/// Throws c10::Error unless `index` is one of the simulated devices (or negative: the current one).
void check_index(c10::DeviceIndex index);

/// `device` with its index filled in: `sim` means the current one.
[[nodiscard]] inline c10::Device at_current_index(c10::Device device) {
  return device.has_index() ? device : c10::Device(device.type(), current_index());
}

[[nodiscard]] inline bool is_simulated(const at::TensorBase& tensor) {
  return tensor.defined() && tensor.device().type() == kDeviceType;
}

/// Sets the current index for a scope. Cheaper than c10::DeviceGuard, which finds its device at run
/// time.
class IndexGuard {
 public:
  explicit IndexGuard(c10::DeviceIndex index) noexcept : previous_(exchange_index(index)) {}
  ~IndexGuard() { exchange_index(previous_); }
  IndexGuard(const IndexGuard&) = delete;
  IndexGuard& operator=(const IndexGuard&) = delete;

 private:
  c10::DeviceIndex previous_;
};

}  // namespace crosstrace::simulated
