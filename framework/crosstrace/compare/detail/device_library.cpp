// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/detail/device_library.h>
#include <dlfcn.h>

#include <map>
#include <mutex>

namespace crosstrace::detail {
namespace {

struct Library {
  DeviceReady ready = nullptr;
  DeviceCompare compare = nullptr;
};

// By name it is found through the RPATH of an installed program; where it was built, by its path.
void* open() {
  if (void* installed = dlopen("libcrosstrace_compare_cuda.so", RTLD_NOW | RTLD_LOCAL)) {
    return installed;
  }
#ifdef CROSSTRACE_COMPARE_CUDA_LIBRARY
  return dlopen(CROSSTRACE_COMPARE_CUDA_LIBRARY, RTLD_NOW | RTLD_LOCAL);
#else
  return nullptr;
#endif
}

Library find() {
  void* handle = open();
  if (handle == nullptr) return {};
  const Library library{reinterpret_cast<DeviceReady>(dlsym(handle, kDeviceReadyName)),
                        reinterpret_cast<DeviceCompare>(dlsym(handle, kDeviceCompareName))};
  return library.ready != nullptr && library.compare != nullptr ? library : Library();
}

}  // namespace

DeviceCompare device_compare(c10::Device device) {
  static std::mutex guard;
  static std::map<c10::DeviceIndex, DeviceCompare> known;
  const std::lock_guard lock(guard);
  static const Library library = find();
  if (library.ready == nullptr) return nullptr;
  const auto [entry, is_new] = known.try_emplace(device.index(), library.compare);
  if (is_new && library.ready(device.index()) != nullptr) entry->second = nullptr;
  return entry->second;
}

}  // namespace crosstrace::detail
