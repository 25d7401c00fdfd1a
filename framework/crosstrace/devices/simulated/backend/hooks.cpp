// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/simulated/backend/allocator.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/hooks.h>
#include <crosstrace/devices/simulated/backend/pinned_memory.h>
#include <crosstrace/devices/simulated/backend/random.h>

namespace crosstrace::simulated {

c10::DeviceIndex Hooks::deviceCount() const { return kDeviceCount; }

void Hooks::setCurrentDevice(c10::DeviceIndex index) const {
  check_index(index);
  exchange_index(index);
}

c10::DeviceIndex Hooks::getCurrentDevice() const { return current_index(); }

c10::DeviceIndex Hooks::exchangeDevice(c10::DeviceIndex index) const {
  check_index(index);
  return exchange_index(index);
}

c10::DeviceIndex Hooks::maybeExchangeDevice(c10::DeviceIndex index) const {
  return exchangeDevice(index);
}

const at::Generator& Hooks::getDefaultGenerator(c10::DeviceIndex index) const {
  return default_generator(index);
}

at::Generator Hooks::getNewGenerator(c10::DeviceIndex index) const { return make_generator(index); }

c10::Allocator* Hooks::getPinnedMemoryAllocator() const { return pinned_memory_allocator(); }

bool Hooks::isPinnedPtr(const void* data) const { return is_pinned(data); }

at::Device Hooks::getDeviceFromPtr(void*) const { return {kDeviceType, current_index()}; }

void Hooks::resizePrivateUse1Bytes(const c10::Storage& storage, size_t bytes) const {
  resize_storage(*storage.unsafeGetStorageImpl(), bytes);
}

}  // namespace crosstrace::simulated
