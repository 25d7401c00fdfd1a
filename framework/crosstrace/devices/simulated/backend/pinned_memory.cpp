// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Context.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/core/impl/alloc_cpu.h>
#include <crosstrace/devices/lost_devices.h>
#include <crosstrace/devices/simulated/backend/pinned_memory.h>

#include <functional>
#include <map>
#include <mutex>

namespace crosstrace::simulated {
namespace {

/// Does not load CUDA: asks the guard that libtorch_cuda registers.
bool has_cuda_device() {
  if (!c10::impl::hasDeviceGuardImpl(c10::kCUDA)) return false;
  const c10::DeviceIndex count = c10::impl::getDeviceGuardImpl(c10::kCUDA)->deviceCount();
  for (c10::DeviceIndex i = 0; i < count; ++i) {
    if (is_lost(c10::Device(c10::kCUDA, i))) return false;
  }
  return count > 0;
}

class PinnedHostMemory final : public c10::Allocator {
 public:
  static PinnedHostMemory& instance() {
    static auto* allocator = new PinnedHostMemory;
    return *allocator;
  }

  c10::DataPtr allocate(std::size_t bytes) override {
    void* pointer = bytes == 0 ? nullptr : c10::alloc_cpu(bytes);
    if (pointer != nullptr) {
      const std::lock_guard lock(mutex_);
      sizes_[pointer] = bytes;
    }
    return {pointer, pointer, &free_pinned, c10::Device(c10::kCPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &free_pinned; }
  void copy_data(void* target, const void* source, std::size_t bytes) const override {
    default_copy_data(target, source, bytes);
  }

  bool owns(const void* data) {
    const std::lock_guard lock(mutex_);
    auto next = sizes_.upper_bound(data);
    if (next == sizes_.begin()) return false;
    --next;
    return std::less<>()(data, static_cast<const char*>(next->first) + next->second);
  }

 private:
  static void free_pinned(void* pointer) {
    {
      const std::lock_guard lock(instance().mutex_);
      instance().sizes_.erase(pointer);
    }
    c10::free_cpu(pointer);
  }

  std::mutex mutex_;
  std::map<const void*, std::size_t, std::less<>> sizes_;
};

}  // namespace

c10::Allocator* pinned_memory_allocator() {
  if (has_cuda_device()) return at::globalContext().getPinnedMemoryAllocator(c10::kCUDA);
  return &PinnedHostMemory::instance();
}

bool is_pinned(const void* data) {
  if (PinnedHostMemory::instance().owns(data)) return true;
  return has_cuda_device() && at::globalContext().isPinnedPtr(data, c10::kCUDA);
}

}  // namespace crosstrace::simulated
