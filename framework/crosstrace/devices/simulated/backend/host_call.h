// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One operator call on simulated tensors, run by a CPU kernel over the same memory.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Storage.h>
#include <c10/util/SmallVector.h>

#include <string_view>

namespace crosstrace::simulated {

/// Turns simulated tensors into CPU tensors over the same memory, and the CPU results back.
///
/// Within one call, tensors that share a storage keep sharing one, and a result that is an
/// argument, or a view of one, comes back as that argument, or as a view of it. No tensor data is
/// copied in either direction.
///
/// @code
///   HostCall call(device, "aten::relu_");
///   at::Tensor host = call.to_host(simulated);   // a CPU tensor
///   host.relu_();                                // writes the simulated tensor's memory
///   call.write_back();                           // sizes and storage, had the operator resized it
///   at::Tensor result = call.to_device(host);    // `simulated` itself
/// @endcode
class HostCall {
 public:
  /// @param device where results go; their index must be set. @param operator_name for messages,
  /// kept by reference.
  HostCall(c10::Device device, std::string_view operator_name)
      : device_(device), operator_name_(operator_name) {}

  /// The CPU tensor for an argument. CPU tensors and undefined ones are returned as they are.
  at::Tensor to_host(at::Tensor tensor);

  /// Gives arguments the sizes, strides and storages that the CPU kernel gave their CPU tensors
  /// (`resize_`, `out=`).
  void write_back();

  /// The simulated tensor for a result. Throws c10::NotImplementedError for a result that is not a
  /// plain strided tensor.
  at::Tensor to_device(at::Tensor result);

 private:
  struct SharedStorage {
    c10::Storage host;
    c10::Storage device;
    const void* data;
    size_t bytes;
  };
  struct SharedTensor {
    at::Tensor host;
    at::Tensor device;
  };

  c10::Storage host_storage(const c10::Storage& device);
  c10::Storage device_storage(const c10::Storage& host);
  void keep_on_host(const at::Tensor& tensor);
  void check_strided(const at::Tensor& result) const;

  c10::Device device_;
  std::string_view operator_name_;
  c10::SmallVector<SharedStorage, 4> storages_;
  c10::SmallVector<SharedTensor, 6> tensors_;
};

}  // namespace crosstrace::simulated
