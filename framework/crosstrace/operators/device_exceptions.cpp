// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ExpandUtils.h>
#include <crosstrace/base/tensors_in.h>
#include <crosstrace/operators/device_check.h>
#include <crosstrace/operators/indexing.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

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

/// abs(complex, out=real): the answer is made on the device of `self` and copied to `out`
/// (unary_op_impl_with_complex_to_float_out of UnaryOps.cpp).
void check_complex_to_float(Arguments arguments) {
  const bool copied = tensor_at(arguments, 0).is_complex() && !tensor_at(arguments, 1).is_complex();
  if (!copied) require_one_device(arguments);
}

/// binary_cross_entropy(input, target, weight, ...): cuda/Loss.cu takes no CPU scalars, and
/// multiplies its answer with the weight, which does.
void check_binary_cross_entropy(Arguments arguments) {
  require_one_device({arguments[0], arguments[1]});
  const c10::Device device = tensor_at(arguments, 0).device();
  if (device.is_cpu()) refuse_host_argument(0, arguments);
  const bool weighted = arguments[2].isTensor() && arguments[2].toTensor().defined();
  if (!weighted || tensor_at(arguments, 2).dim() > 0) require_one_device(arguments);
}

/// segment_reduce(data, reduce, lengths, indices, offsets, ...) of SegmentReduce.cpp: offsets go
/// before lengths.
void check_segment_reduce(Arguments arguments) {
  const at::Tensor& data = tensor_at(arguments, 0);
  for (const size_t i : {4, 2}) {
    if (!arguments[i].isTensor() || !arguments[i].toTensor().defined()) continue;
    const char* name = i == 4 ? "offsets_value" : "lengths_value";
    TORCH_CHECK(tensor_at(arguments, i).device() == data.device(),
                "Expected data.get_device() == ", name,
                ".get_device() to be true, but got false.  (Could this error message be improved?  "
                "If so, please report an enhancement request to PyTorch.)");
    return;
  }
}

/// Whether one kernel works through a list (can_use_fast_route of ForeachUtils.h), and not the
/// operator of each tensor.
bool is_one_launch(c10::ArrayRef<c10::IValue> tensors, const at::Tensor& scalar) {
  return std::all_of(tensors.begin(), tensors.end(), [&](const c10::IValue& item) {
    const at::Tensor& tensor = item.toTensor();
    return tensor.device() == tensors[0].toTensor().device() &&
           tensor.scalar_type() == scalar.scalar_type();
  });
}

/// _foreach_add(self[], tensor): cuda/ForeachBinaryOpScalarTensor.cu.
void check_foreach_scalar(Arguments arguments, bool takes_host_scalar, const char* expected) {
  const c10::ArrayRef<c10::IValue> tensors = arguments[0].toListRef();
  const at::Tensor& scalar = tensor_at(arguments, 1);
  if (tensors.empty() || (takes_host_scalar && scalar.device().is_cpu())) return;
  if (!is_one_launch(tensors, scalar)) return;
  const c10::Device first = tensors[0].toTensor().device();
  TORCH_CHECK(first == scalar.device(), "scalar tensor ", expected, " to be on ", first,
              " but is on ", scalar.device());
}

void check_foreach_add(Arguments arguments) { check_foreach_scalar(arguments, false, "expected"); }
void check_foreach_add_(Arguments arguments) {
  check_foreach_scalar(arguments, false, "is expected");
}
void check_foreach_mul(Arguments arguments) { check_foreach_scalar(arguments, true, "expected"); }
void check_foreach_mul_(Arguments arguments) {
  check_foreach_scalar(arguments, true, "is expected");
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

/// TensorIterator looks at shapes before devices: what is read and written must keep its own.
void require_own_shape(const at::Tensor& written, const at::Tensor& other) {
  const std::vector<int64_t> shape = at::infer_size(written.sizes(), other.sizes());
  TORCH_CHECK(written.sizes() == shape, "output with shape ", written.sizes(),
              " doesn't match the broadcast shape ", c10::IntArrayRef(shape));
}

void check_binary_devices(Arguments arguments) {
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

/// Binary operators on TensorIterator: one 0-dim CPU tensor is taken as a number, never as the
/// output, which is the third argument if there is one.
void check_binary(Arguments arguments) {
  try {
    check_binary_devices(arguments);
  } catch (const c10::Error&) {
    const bool in_place = arguments.size() > 2 && arguments[2].isTensor() &&
                          tensor_at(arguments, 2).is_same(tensor_at(arguments, 0));
    if (in_place) require_own_shape(tensor_at(arguments, 0), tensor_at(arguments, 1));
    throw;
  }
}

void check_binary_inplace(Arguments arguments) {
  check_binary({arguments[0], arguments[1], arguments[0]});
}

}  // namespace

DeviceException find_device_exception(std::string_view name) {
  static const auto* exceptions = new std::unordered_map<std::string_view, DeviceException>{
      {"index.Tensor", &check_index_devices},
      {"index.Tensor_out", &check_index_devices},
      {"_index_put_impl_", &check_index_put_devices},
      {"masked_fill_.Scalar", &check_masked_fill_scalar},
      {"masked_fill_.Tensor", &check_masked_fill_tensor},
      {"index_fill_.int_Scalar", &check_index_fill},
      {"index_fill_.int_Tensor", &check_index_fill},
      {"fill_.Tensor", &accept},
      {"bernoulli_.Tensor", &accept},  // The probabilities are copied.
      {"abs.out", &check_complex_to_float},
      {"angle.out", &check_complex_to_float},
      {"binary_cross_entropy", &check_binary_cross_entropy},
      {"binary_cross_entropy.out", &check_binary_cross_entropy},
      {"segment_reduce", &check_segment_reduce},
      {"_foreach_add.Tensor", &check_foreach_add},
      {"_foreach_add_.Tensor", &check_foreach_add_},
      {"_foreach_mul.Tensor", &check_foreach_mul},
      {"_foreach_mul_.Tensor", &check_foreach_mul_},
      {"_foreach_div.Tensor", &check_foreach_mul},
      {"_foreach_div_.Tensor", &check_foreach_mul_},
      {"where.self", &check_where},
      {"where.self_out", &check_where},
      {"floor_divide", &check_binary},
      {"floor_divide.out", &check_binary},
      {"floor_divide_.Tensor", &check_binary_inplace},
      // Without CPU scalars: ldexp of BinaryOps.cpp.
      {"ldexp.Tensor", &require_one_device},
      {"ldexp.out", &require_one_device},
      {"ldexp_", &require_one_device},
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
