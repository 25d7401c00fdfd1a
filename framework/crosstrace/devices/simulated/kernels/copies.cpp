// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/native/Resize.h>
#include <ATen/ops/copy.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/host_call.h>
#include <crosstrace/devices/simulated/backend/loss.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>

namespace crosstrace::simulated {
namespace {

/// Copies between any two of sim:0, sim:1 and the CPU. Host memory: `non_blocking` has nothing to
/// wait for.
at::Tensor copy_from(const at::Tensor& self, const at::Tensor& target, bool) {
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  HostCall call(c10::Device(kDeviceType, current_index()), "aten::_copy_from");
  for (const at::Tensor& tensor : {self, target}) {
    if (is_simulated(tensor)) wait_for_loss(tensor.device().index());
  }
  const at::Tensor source = call.to_host(self);
  call.to_host(target).copy_(source);
  return target;
}

at::Tensor copy_from_and_resize(const at::Tensor& self, const at::Tensor& target) {
  at::native::resize_output(target, self.sizes());
  return copy_from(self, target, false);
}

/// LibTorch knows which devices' dense tensors `set_data` may exchange, and PrivateUse1 is not
/// among them (has_compatible_shallow_copy_type of c10/core/TensorImpl.h): this answer is what
/// makes `Module::to("sim:0")` work.
bool has_compatible_type(const at::Tensor& self, const at::Tensor& from) {
  const auto is_dense = [](const at::Tensor& tensor) {
    return tensor.layout() == c10::kStrided && !tensor.is_quantized() && !tensor.is_nested();
  };
  return is_dense(self) && is_dense(from);
}

/// LibTorch would make a plain copy of a tensor with a conj or neg bit first
/// (aten/src/ATen/native/MathBitsFallback.h), by a copy, which is this operator again. The CPU's
/// copy reads the bits itself.
void pass_through(c10::DispatchKey key) {
  new_library("aten", key).impl("_copy_from", torch::CppFunction::makeFallthrough());
}

}  // namespace

void register_copies(torch::Library& library) {
  pass_through(c10::DispatchKey::Conjugate);
  pass_through(c10::DispatchKey::Negative);
  library.impl("_copy_from", &copy_from);
  library.impl("_copy_from_and_resize", &copy_from_and_resize);
  library.impl("_has_compatible_shallow_copy_type", &has_compatible_type);
}

}  // namespace crosstrace::simulated
