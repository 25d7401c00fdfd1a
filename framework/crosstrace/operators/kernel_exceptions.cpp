// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/tensors_in.h>
#include <crosstrace/operators/device_check.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>

// TensorIterator takes one 0-dim CPU tensor as a number. CUDA's kernel must then read it out: most
// do (gpu_kernel_with_scalars), and those below do not, or not of every argument.
namespace crosstrace {
namespace {

using Arguments = c10::ArrayRef<c10::IValue>;

bool is_on_host(const c10::IValue& argument) {
  return argument.isTensor() && argument.toTensor().defined() &&
         argument.toTensor().device().is_cpu();
}

/// lerp(self, end, weight) of cuda/Lerp.cu reads `weight` alone; smooth_l1_loss(self, target) of
/// cuda/BinaryMiscOpsKernels.cu none. The output is argument 0 of the TensorIterator.
void check_two_on_device(Arguments arguments) {
  for (const size_t i : {0, 1}) {
    if (is_on_host(arguments[i])) refuse_host_argument(static_cast<int>(i) + 1, arguments);
  }
}

/// addcmul(self, tensor1, tensor2) of cuda/PointwiseOpsKernel.cu.
void check_addcmul(Arguments arguments) {
  TORCH_CHECK(!is_on_host(arguments[0]),
              "CPU Scalar support for self argument is not supported when calling addcmul on ",
              accelerator_name(arguments), " tensors.");
  TORCH_CHECK(!is_on_host(arguments[1]),
              "CPU Scalar support for tensor1 argument is not supported when calling addcmul on ",
              accelerator_name(arguments),
              " tensors. However, CPU Scalar support for tensor2 is supported, please swap your "
              "tensor1 and tensor2 terms.");
}

/// mse_loss(self, target) of Loss.cpp looks once more, and names them in their order.
void check_mse_loss(Arguments arguments) {
  const c10::Device self = arguments[0].toTensor().device();
  const c10::Device target = arguments[1].toTensor().device();
  if (self != target) refuse_two_devices(self, target);
}

struct KernelException {
  std::string_view base;  ///< Of every overload, in place or not.
  DeviceException check;
};

constexpr KernelException kExceptions[] = {{"addcmul", &check_addcmul},
                                           {"lerp", &check_two_on_device},
                                           {"mse_loss", &check_mse_loss},
                                           {"smooth_l1_loss", &check_two_on_device}};

}  // namespace

void refuse_host_argument(int argument, Arguments arguments) {
  TORCH_CHECK(false,
              "iter.device(arg).is_cuda() INTERNAL ASSERT FAILED at "
              "\"/pytorch/aten/src/ATen/native/cuda/Loops.cuh\":109, please report a bug to "
              "PyTorch. argument ",
              argument, ": expected a ", accelerator_name(arguments), " device but found cpu");
}

DeviceException find_kernel_exception(std::string_view name) {
  std::string_view base = name.substr(0, name.find('.'));
  if (base.ends_with('_')) base.remove_suffix(1);
  const auto* found = std::find_if(std::begin(kExceptions), std::end(kExceptions),
                                   [&](const KernelException& each) { return each.base == base; });
  return found == std::end(kExceptions) ? nullptr : found->check;
}

}  // namespace crosstrace
