// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/on_cpu.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/module.h>

#include <optional>
#include <unordered_map>

namespace crosstrace {
namespace {

/// A gradient accumulator remembers its parameter's device; as in LibTorch's set_data
/// (torch/csrc/autograd/variable.cpp), one that is out of date goes.
void forget_accumulator(const at::Tensor& tensor) {
  if (auto* autograd = torch::autograd::impl::get_autograd_meta(tensor)) {
    const std::lock_guard lock(autograd->mutex_);
    autograd->grad_accumulator_.reset();
  }
}

/// Moves a tensor without changing its identity: every holder of it sees the move. LibTorch's own
/// way, set_data, refuses to exchange some devices' tensors (has_compatible_shallow_copy_type of
/// c10/core/TensorImpl.h).
void move_in_place(const at::Tensor& tensor, c10::Device device) {
  if (!tensor.defined()) return;
  at::Tensor moved = tensor.detach().to(device);
  if (!moved.is_same(tensor) && moved.device() != tensor.device()) {
    tensor.unsafeGetTensorImpl()->shallow_copy_from(moved.getIntrusivePtr());
    forget_accumulator(tensor);
  }
  if (tensor.is_leaf()) move_in_place(tensor.grad(), device);
}

struct Moved {
  std::unordered_map<const c10::TensorImpl*, at::Tensor> tensors;
  std::unordered_map<const c10::ivalue::Object*, c10::IValue> objects;
  std::optional<c10::Device> from;  ///< Devices that are this one become the new one.
};

c10::IValue move_any(const c10::IValue& value, c10::Device device, Moved& moved);

at::Tensor move_tensor(const at::Tensor& tensor, c10::Device device, Moved& moved) {
  if (!tensor.defined() || stays_on_cpu(tensor)) return tensor;
  const auto [entry, is_new] = moved.tensors.try_emplace(tensor.unsafeGetTensorImpl());
  if (is_new) entry->second = tensor.to(device);
  return entry->second;
}

c10::IValue move_list(const c10::List<c10::IValue>& list, c10::Device device, Moved& moved) {
  c10::impl::GenericList result(list.elementType());
  result.reserve(list.size());
  for (c10::IValue item : list) result.push_back(move_any(item, device, moved));
  return result;
}

c10::IValue move_tuple(const c10::ivalue::Tuple& tuple, c10::Device device, Moved& moved) {
  std::vector<c10::IValue> items;
  for (const c10::IValue& item : tuple.elements()) items.push_back(move_any(item, device, moved));
  return c10::ivalue::Tuple::createNamed(std::move(items), tuple.type());
}

c10::IValue move_dict(const c10::Dict<c10::IValue, c10::IValue>& dict, c10::Device device,
                      Moved& moved) {
  c10::impl::GenericDict result(dict.keyType(), dict.valueType());
  for (const auto& entry : dict) {
    result.insert(move_any(entry.key(), device, moved), move_any(entry.value(), device, moved));
  }
  return result;
}

/// Objects may hold each other.
c10::IValue move_object(const c10::ivalue::Object& object, c10::Device device, Moved& moved) {
  const auto [entry, is_new] = moved.objects.try_emplace(&object);
  if (!is_new) return entry->second;
  const auto result = object.copy();
  entry->second = result;
  for (std::size_t i = 0; i < object.slots().size(); ++i) {
    result->setSlot(i, move_any(object.getSlot(i), device, moved));
  }
  return result;
}

c10::IValue move_any(const c10::IValue& value, c10::Device device, Moved& moved) {
  if (value.isTensor()) return move_tensor(value.toTensor(), device, moved);
  if (value.isList()) return move_list(value.toList(), device, moved);
  if (value.isTuple()) return move_tuple(value.toTupleRef(), device, moved);
  if (value.isGenericDict()) return move_dict(value.toGenericDict(), device, moved);
  if (value.isObject() && !value.isModule() && !value.isCustomClass()) {
    return move_object(value.toObjectRef(), device, moved);
  }
  if (value.isDevice() && moved.from && value.toDevice() == *moved.from) return device;
  return value;
}

}  // namespace

void move_module(torch::jit::Module& module, c10::Device device) {
  for (const at::Tensor& parameter : module.parameters()) move_in_place(parameter, device);
  for (const at::Tensor& buffer : module.buffers()) move_in_place(buffer, device);
}

void move_module(torch::nn::Module& module, c10::Device device) {
  for (const at::Tensor& parameter : module.parameters()) move_in_place(parameter, device);
  for (const at::Tensor& buffer : module.buffers()) move_in_place(buffer, device);
}

c10::IValue move_value(const c10::IValue& value, c10::Device device) {
  Moved moved;
  return move_any(value, device, moved);
}

c10::IValue move_answer(const c10::IValue& answer, c10::Device from, c10::Device to) {
  Moved moved;
  moved.from = from;
  return move_any(answer, to, moved);
}

}  // namespace crosstrace
