// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/EmptyTensor.h>
#include <ATen/native/Resize.h>
#include <c10/core/Stream.h>
#include <crosstrace/devices/simulated/backend/allocator.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>

namespace crosstrace::simulated {
namespace {

/// Room for the tensor that `set_` describes; a storage that is too small grows, for all who share
/// it.
void grow_storage(const at::Tensor& tensor) {
  const size_t needed =
      at::detail::computeStorageNbytes(tensor.sizes(), tensor.strides(), tensor.dtype().itemsize(),
                                       static_cast<size_t>(tensor.storage_offset()));
  c10::StorageImpl& storage = *tensor.storage().unsafeGetStorageImpl();
  if (tensor.numel() > 0 && needed > storage.nbytes()) resize_storage(storage, needed);
}

at::Tensor& set_storage_at(at::Tensor& self, c10::Storage source, int64_t offset,
                           c10::IntArrayRef size, c10::IntArrayRef stride) {
  at::native::checkSetStorage(self, std::move(source), offset, size, stride);
  c10::TensorImpl* impl = self.unsafeGetTensorImpl();
  impl->set_storage_offset(offset);
  if (stride.data() == nullptr) {
    impl->set_sizes_contiguous(size);
  } else {
    impl->set_sizes_and_strides(size, stride);
  }
  grow_storage(self);
  return self;
}

at::Tensor& set_storage(at::Tensor& self, c10::Storage source) {
  const auto elements = static_cast<int64_t>(source.nbytes() / self.dtype().itemsize());
  return set_storage_at(self, std::move(source), 0, {elements}, {});
}

at::Tensor& set_tensor(at::Tensor& self, const at::Tensor& source) {
  if (self.is_same(source)) return self;
  return set_storage_at(self, source.storage(), source.storage_offset(), source.sizes(),
                        source.strides());
}

at::Tensor& set_empty(at::Tensor& self) {
  const IndexGuard guard(self.device().index());
  c10::Storage nothing(c10::Storage::use_byte_size_t(), 0, allocator(), /*resizable=*/true);
  return set_storage_at(self, std::move(nothing), 0, {0}, {});
}

/// Work on every stream is done when it returns, so memory is never in use by another one.
void record_stream(at::Tensor&, c10::Stream) {}

}  // namespace

void register_storages(torch::Library& library) {
  library.impl("set_.source_Storage", &set_storage);
  library.impl("set_.source_Storage_storage_offset", &set_storage_at);
  library.impl("set_.source_Tensor", &set_tensor);
  library.impl("set_", &set_empty);
  library.impl("record_stream", &record_stream);
}

}  // namespace crosstrace::simulated
