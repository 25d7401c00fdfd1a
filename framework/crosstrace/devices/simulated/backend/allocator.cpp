// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <crosstrace/devices/simulated/backend/allocator.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/loss.h>

#include <algorithm>
#include <cstring>

namespace crosstrace::simulated {
namespace {

void free_host(void* pointer) { c10::free_cpu(pointer); }

class SimulatedAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    check_not_lost(current_index());
    void* pointer = bytes == 0 ? nullptr : c10::alloc_cpu(bytes);
    return {pointer, pointer, &free_host, c10::Device(kDeviceType, current_index())};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &free_host; }
  void copy_data(void* target, const void* source, size_t bytes) const override {
    default_copy_data(target, source, bytes);
  }
};

void release_storage(void* storage) {
  c10::raw::intrusive_ptr::decref(static_cast<c10::intrusive_ptr_target*>(storage));
}

/// The memory of `storage` as a pointer that belongs to `device` and holds one reference to the
/// storage.
c10::DataPtr share_data(const c10::Storage& storage, c10::Device device) {
  c10::StorageImpl* owner = storage.unsafeGetStorageImpl();
  void* data = owner->mutable_data();  // a copy-on-write storage becomes a plain one here
  c10::intrusive_ptr_target* reference = owner;
  c10::raw::intrusive_ptr::incref(reference);
  return {data, reference, &release_storage, device};
}

}  // namespace

c10::Allocator* allocator() {
  static auto* instance = new SimulatedAllocator;
  return instance;
}

c10::Storage adopt_host_storage(const c10::Storage& host, c10::Device device) {
  return {c10::Storage::use_byte_size_t(), host.nbytes(), share_data(host, device), allocator(),
          /*resizable=*/true};
}

c10::Storage alias_as_host_storage(const c10::Storage& simulated) {
  return {c10::Storage::use_byte_size_t(), simulated.nbytes(), share_data(simulated, c10::kCPU),
          c10::GetCPUAllocator(), simulated.unsafeGetStorageImpl()->resizable()};
}

void resize_storage(c10::StorageImpl& storage, size_t bytes) {
  TORCH_CHECK(storage.resizable(), "Trying to resize storage that is not resizable");
  const IndexGuard guard(storage.device().index());
  c10::DataPtr data = allocator()->allocate(bytes);
  const size_t kept = std::min(bytes, storage.nbytes());
  if (kept > 0) std::memcpy(data.mutable_get(), storage.data(), kept);
  storage.set_data_ptr_noswap(std::move(data));
  storage.set_nbytes(bytes);
}

}  // namespace crosstrace::simulated
