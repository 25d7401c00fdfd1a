// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/base/tensors_in.h>
#include <crosstrace/devices/on_cpu.h>

#include <utility>
#include <vector>

namespace crosstrace {
namespace {

/// Kept in the one slot of a TensorImpl that is a backend's own (c10/core/TensorImpl.h); LibTorch's
/// CPU has no use for it. Operators give their results none.
struct StaysOnCpu : c10::BackendMeta {};

void mark(const at::Tensor& tensor) {
  tensor.unsafeGetTensorImpl()->set_backend_meta(c10::make_intrusive<StaysOnCpu>());
}

}  // namespace

at::Tensor on_cpu(const at::Tensor& tensor) {
  if (!tensor.defined()) return tensor;
  at::Tensor marked = tensor.cpu().alias();  // Another TensorImpl, the same elements.
  mark(marked);
  return marked;
}

c10::IValue on_cpu(c10::IValue value) {
  change_tensors(value, [](const at::Tensor& tensor) { return on_cpu(tensor); });
  return value;
}

bool stays_on_cpu(const at::Tensor& tensor) {
  if (!tensor.defined() || !tensor.is_cpu()) return false;
  return dynamic_cast<StaysOnCpu*>(tensor.unsafeGetTensorImpl()->get_backend_meta()) != nullptr;
}

c10::IValue copy_value(const c10::IValue& value) {
  c10::IValue copy = value.deepcopy();
  std::vector<bool> stays;
  visit_tensors(value, [&](const at::Tensor& tensor) { stays.push_back(stays_on_cpu(tensor)); });
  std::size_t next = 0;
  visit_tensors(copy, [&](const at::Tensor& tensor) {
    if (stays.at(next++)) mark(tensor);
  });
  return copy;
}

std::vector<c10::IValue> copy_values(const std::vector<c10::IValue>& values) {
  std::vector<c10::IValue> copies;
  for (const c10::IValue& value : values) copies.push_back(copy_value(value));
  return copies;
}

}  // namespace crosstrace
