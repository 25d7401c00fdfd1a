// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One operator call on simulated tensors, run by a CPU kernel over the same memory.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
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

/// Replaces each tensor in `value`, however deep in lists, tuples, dicts and optionals, by
/// `change(tensor)`. Containers are rebuilt, never changed: others may hold them.
template <class Change>
void change_tensors(c10::IValue& value, const Change& change) {
  if (value.isTensor()) {
    value = change(std::move(value).toTensor());
  } else if (value.isList()) {
    const c10::List<c10::IValue> list = value.toList();
    c10::impl::GenericList changed(list.elementType());
    changed.reserve(list.size());
    for (c10::IValue item : list) {
      change_tensors(item, change);
      changed.push_back(std::move(item));
    }
    value = std::move(changed);
  } else if (value.isTuple()) {
    std::vector<c10::IValue> items(value.toTupleRef().elements().begin(),
                                   value.toTupleRef().elements().end());
    for (c10::IValue& item : items) change_tensors(item, change);
    value = c10::ivalue::Tuple::createNamed(std::move(items), value.toTupleRef().type());
  } else if (value.isGenericDict()) {
    const auto dict = value.toGenericDict();
    c10::impl::GenericDict changed(dict.keyType(), dict.valueType());
    for (const auto& entry : dict) {
      c10::IValue item = entry.value();
      change_tensors(item, change);
      changed.insert(entry.key(), std::move(item));
    }
    value = std::move(changed);
  }
}

/// Calls `visit(tensor)` for each defined tensor in `value`, in order.
template <class Visit>
void visit_tensors(const c10::IValue& value, const Visit& visit) {
  if (value.isTensor()) {
    if (value.toTensor().defined()) visit(value.toTensor());
  } else if (value.isList()) {
    for (const c10::IValue& item : value.toListRef()) visit_tensors(item, visit);
  } else if (value.isTuple()) {
    for (const c10::IValue& item : value.toTupleRef().elements()) visit_tensors(item, visit);
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) visit_tensors(entry.value(), visit);
  }
}

}  // namespace crosstrace::simulated
