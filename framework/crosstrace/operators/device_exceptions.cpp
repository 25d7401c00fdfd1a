// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/tensors_in.h>
#include <crosstrace/operators/device_check.h>

#include <unordered_map>

// Operators whose CUDA kernels decide about devices in their own code, without a check in their
// wrapper and without a structured TensorIterator that could be asked. Each function below is what
// that code does.
namespace crosstrace {
namespace {

using Arguments = c10::ArrayRef<c10::IValue>;

void accept(Arguments) {}

const at::Tensor& tensor_at(Arguments arguments, size_t index) {
  return arguments[index].toTensor();
}

/// `index`: indices come from the CPU or from the device of the indexed tensor.
void check_indices(const at::Tensor& self, const c10::IValue& indices) {
  visit_tensors(indices, [&](const at::Tensor& index) {
    TORCH_CHECK(index.device().is_cpu() || index.device() == self.device(),
                "indices should be either on ", c10::kCPU,
                " or on the same device as the indexed tensor (", self.device(), ")");
  });
}

void check_index(Arguments arguments) {
  const at::Tensor& self = tensor_at(arguments, 0);
  check_indices(self, arguments[1]);
  if (arguments.size() > 2) require_one_device({arguments[0], arguments[2]});
}

/// `index_put_` of one CPU value through one mask is a masked_fill_, which takes the value as a
/// number.
bool is_masked_fill(const at::Tensor& self, const c10::IValue& indices, const at::Tensor& value) {
  if (value.numel() != 1 || !value.device().is_cpu()) return false;
  int masks = 0;
  bool only_masks = true;
  visit_tensors(indices, [&](const at::Tensor& index) {
    const bool mask = index.scalar_type() == at::kBool || index.scalar_type() == at::kByte;
    only_masks = only_masks && mask && index.device() == self.device();
    ++masks;
  });
  return only_masks && masks == 1;
}

void check_index_put(Arguments arguments) {
  const at::Tensor& self = tensor_at(arguments, 0);
  const at::Tensor& value = tensor_at(arguments, 2);
  const bool accumulate = arguments[3].toBool();
  check_indices(self, arguments[1]);
  if (value.device() == self.device() || value.dim() == 0) return;
  if (!accumulate && is_masked_fill(self, arguments[1], value)) return;
  TORCH_CHECK(!accumulate, "expected device ", self.device(), " but got device ", value.device(),
              " for value tensor");
  require_one_device({arguments[0], arguments[2]});
}

void check_masked_fill_scalar(Arguments arguments) {
  const at::Tensor& self = tensor_at(arguments, 0);
  const at::Tensor& mask = tensor_at(arguments, 1);
  TORCH_CHECK(self.device() == mask.device(),
              "expected self and mask to be on the same device, but got mask on ", mask.device(),
              " and self on ", self.device());
}

/// The value is read as a number, wherever it is.
void check_masked_fill_tensor(Arguments arguments) {
  TORCH_CHECK(!tensor_at(arguments, 0).device().is_cpu(),
              "masked_fill_: Expected inputs to be on same device");
  check_masked_fill_scalar(arguments);
}

/// index_fill_(self, dim, index, value): the index must be on the device, the value is read as a
/// number, wherever it is.
void check_index_fill(Arguments arguments) { require_one_device({arguments[0], arguments[2]}); }

/// bernoulli_(self, p): the probabilities are copied to the device.
void check_bernoulli(Arguments arguments) {
  if (tensor_at(arguments, 0).device().is_cpu()) require_one_device(arguments);
}

/// where(condition, self, other, out): 0-dim tensors are copied from anywhere.
void check_where(Arguments arguments) {
  std::optional<c10::Device> common;
  for (const c10::IValue& argument : arguments) {
    const c10::Device device = argument.toTensor().device();
    if (!common && !device.is_cpu()) common = device;
  }
  const bool has_out = arguments.size() > 3;
  if (has_out) common = tensor_at(arguments, 3).device();
  for (size_t i = 0; i < 3; ++i) {
    const at::Tensor& tensor = tensor_at(arguments, i);
    const bool copied = tensor.dim() == 0 && !common->is_cpu();
    if (tensor.device() != *common && !copied) require_one_device(arguments);
  }
}

/// Binary operators on TensorIterator: one 0-dim CPU tensor is taken as a number, never as the
/// output.
void check_binary(Arguments arguments) {
  std::optional<c10::Device> common;
  for (const c10::IValue& argument : arguments) {
    visit_tensors(argument, [&](const at::Tensor& tensor) {
      if (!common && !tensor.device().is_cpu()) common = tensor.device();
    });
  }
  int scalars = 0;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!arguments[i].isTensor()) continue;
    const at::Tensor& tensor = tensor_at(arguments, i);
    if (tensor.device() == *common) continue;
    const bool scalar = tensor.device().is_cpu() && tensor.dim() == 0 && i < 2;
    if (!scalar) refuse_two_devices(*common, tensor.device());
    TORCH_CHECK(++scalars <= 1, "Trying to pass too many CPU scalars to non-CPU kernel!");
  }
}

void check_binary_inplace(Arguments arguments) {
  if (tensor_at(arguments, 0).device().is_cpu()) require_one_device(arguments);
  check_binary(arguments);
}

}  // namespace

DeviceException find_device_exception(std::string_view name) {
  static const auto* exceptions = new std::unordered_map<std::string_view, DeviceException>{
      {"index.Tensor", &check_index},
      {"index.Tensor_out", &check_index},
      {"_index_put_impl_", &check_index_put},
      {"masked_fill_.Scalar", &check_masked_fill_scalar},
      {"masked_fill_.Tensor", &check_masked_fill_tensor},
      {"index_fill_.int_Scalar", &check_index_fill},
      {"index_fill_.int_Tensor", &check_index_fill},
      {"fill_.Tensor", &accept},
      {"bernoulli_.Tensor", &check_bernoulli},
      {"where.self", &check_where},
      {"where.self_out", &check_where},
      {"floor_divide", &check_binary},
      {"floor_divide.out", &check_binary},
      {"floor_divide_.Tensor", &check_binary_inplace},
      {"ldexp.Tensor", &check_binary},
      {"ldexp.out", &check_binary},
      {"ldexp_", &check_binary_inplace},
      {"rsub.Tensor", &check_binary},
      {"logical_and.out", &check_binary},
      {"logical_or.out", &check_binary},
      {"logical_xor.out", &check_binary},
      {"__lshift__.Tensor", &check_binary},
      {"__rshift__.Tensor", &check_binary},
      {"__ilshift__.Tensor", &check_binary_inplace},
      {"__irshift__.Tensor", &check_binary_inplace},
  };
  const auto found = exceptions->find(name);
  return found == exceptions->end() ? nullptr : found->second;
}

}  // namespace crosstrace
