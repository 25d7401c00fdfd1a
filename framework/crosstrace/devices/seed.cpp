// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Context.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <c10/core/DeviceGuard.h>
#include <crosstrace/devices/lost_devices.h>
#include <crosstrace/devices/seed.h>

#include <mutex>

namespace crosstrace {
namespace {

void seed_default_generator(c10::Device device, std::uint64_t seed) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_current_seed(seed);
}

/// Asks the parts of LibTorch that are loaded, so that none is loaded for this.
bool has_generators(c10::DeviceType type) {
  if (type == c10::kPrivateUse1 && !at::isPrivateUse1HooksRegistered()) return false;
  return c10::impl::hasDeviceGuardImpl(type);
}

/// The generator of a lost device would throw. CUDA's asks first whether the current device's
/// stream captures (set_current_seed of aten/src/ATen/cuda/CUDAGeneratorImpl.cpp), and that device
/// may be a lost one.
void seed_all(c10::DeviceType type, std::uint64_t seed) {
  const c10::DeviceIndex count = c10::impl::getDeviceGuardImpl(type)->deviceCount();
  for (c10::DeviceIndex i = 0; i < count; ++i) {
    const c10::Device device(type, i);
    if (is_lost(device)) continue;
    const c10::DeviceGuard guard(device);
    seed_default_generator(device, seed);
  }
}

}  // namespace

void seed_generators(std::uint64_t seed) {
  seed_default_generator(c10::kCPU, seed);
  for (const c10::DeviceType type :
       {c10::kCUDA, c10::kPrivateUse1, c10::kXPU, c10::kMPS, c10::kHIP, c10::kMTIA, c10::kHPU}) {
    if (has_generators(type)) seed_all(type, seed);
  }
}

}  // namespace crosstrace
