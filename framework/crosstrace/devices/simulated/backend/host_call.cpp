// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/simulated/backend/allocator.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/host_call.h>

namespace crosstrace::simulated {
namespace {

/// Moves `impl` to the device of `storage`. Sizes, strides, conj and neg bits, "wrapped number" and
/// names stay.
void rebase(c10::TensorImpl* impl, c10::Storage storage) {
  const c10::Device device = storage.device();
  impl->set_storage_keep_dtype(std::move(storage));
  impl->_change_backend_component_keys(device);
}

at::Tensor rebased_copy(const at::Tensor& tensor, c10::Storage storage) {
  const c10::TensorImpl* impl = tensor.unsafeGetTensorImpl();
  auto copy = impl->shallow_copy_and_detach(c10::VariableVersion(0),
                                            /*allow_tensor_metadata_change=*/true);
  rebase(copy.get(), std::move(storage));
  copy->set_allow_tensor_metadata_change(impl->allow_tensor_metadata_change());
  return at::Tensor(std::move(copy));
}

const char* kind_of(const at::Tensor& tensor) {
  if (tensor.is_quantized()) return "quantized";
  if (tensor.is_nested()) return "nested";
  if (tensor.is_mkldnn()) return "oneDNN (mkldnn)";
  if (tensor.layout() != c10::kStrided) return "sparse";
  return tensor.has_storage() ? nullptr : "opaque";
}

}  // namespace

c10::Storage HostCall::host_storage(const c10::Storage& device) {
  for (const SharedStorage& shared : storages_) {
    if (shared.device.is_alias_of(device)) return shared.host;
  }
  c10::Storage host = alias_as_host_storage(device);
  storages_.push_back({host, device, host.data(), host.nbytes()});
  return host;
}

c10::Storage HostCall::device_storage(const c10::Storage& host) {
  for (const SharedStorage& shared : storages_) {
    if (shared.host.is_alias_of(host)) return shared.device;
  }
  c10::Storage device = adopt_host_storage(host, device_);
  storages_.push_back({host, device, host.data(), host.nbytes()});
  return device;
}

void HostCall::keep_on_host(const at::Tensor& tensor) {
  tensors_.push_back({tensor, tensor});
  if (tensor.has_storage()) {
    storages_.push_back(
        {tensor.storage(), tensor.storage(), tensor.storage().data(), tensor.storage().nbytes()});
  }
}

at::Tensor HostCall::to_host(at::Tensor tensor) {
  if (!tensor.defined()) return tensor;
  if (!is_simulated(tensor)) {
    keep_on_host(tensor);
    return tensor;
  }
  for (const SharedTensor& shared : tensors_) {
    if (shared.device.is_same(tensor)) return shared.host;
  }
  at::Tensor host = rebased_copy(tensor, host_storage(tensor.storage()));
  tensors_.push_back({host, std::move(tensor)});
  return host;
}

void HostCall::write_back() {
  for (const SharedStorage& shared : storages_) {
    c10::StorageImpl* host = shared.host.unsafeGetStorageImpl();
    c10::StorageImpl* device = shared.device.unsafeGetStorageImpl();
    if (host == device || (host->data() == shared.data && host->nbytes() == shared.bytes)) continue;
    if (host->data() != shared.data) {
      // A resize gave the CPU storage new memory, which moves over whole: views of the tensor see
      // it too.
      c10::DataPtr data = host->set_data_ptr(c10::DataPtr(nullptr, c10::kCPU));
      data.unsafe_set_device(device->device());
      device->set_data_ptr_noswap(std::move(data));
    }
    device->set_nbytes(host->nbytes());
  }
  for (const SharedTensor& shared : tensors_) {
    c10::TensorImpl* host = shared.host.unsafeGetTensorImpl();
    c10::TensorImpl* device = shared.device.unsafeGetTensorImpl();
    if (host == device) continue;
    const c10::Storage storage = device_storage(host->storage());
    if (!storage.is_alias_of(device->storage())) device->set_storage_keep_dtype(storage);
    if (host->sizes() != device->sizes() || host->strides() != device->strides() ||
        host->storage_offset() != device->storage_offset()) {
      device->set_sizes_and_strides(host->sizes(), host->strides(), host->storage_offset());
    }
  }
}

void HostCall::check_strided(const at::Tensor& result) const {
  const char* kind = kind_of(result);
  TORCH_CHECK_NOT_IMPLEMENTED(kind == nullptr, operator_name_,
                              ": the simulated device holds strided tensors only, and "
                              "this operator's result is ",
                              kind, "; run it on the CPU or on a real device");
}

at::Tensor HostCall::to_device(at::Tensor result) {
  if (!result.defined() || !result.device().is_cpu()) return result;
  for (const SharedTensor& shared : tensors_) {
    if (shared.host.is_same(result)) return shared.device;
  }
  check_strided(result);
  c10::Storage storage = device_storage(result.storage());
  if (storage.device().is_cpu()) return result;  // a view of a CPU argument
  if (result.use_count() > 1) return rebased_copy(result, std::move(storage));
  rebase(result.unsafeGetTensorImpl(), std::move(storage));
  return result;
}

}  // namespace crosstrace::simulated
