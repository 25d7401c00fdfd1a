// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <crosstrace/base/accelerator.h>
#include <crosstrace/base/tensors_in.h>
#include <dlfcn.h>

#include <atomic>

namespace crosstrace {
namespace {

thread_local std::optional<c10::DeviceType> asked_for;
std::atomic<bool> cuda_is_lost = false;

std::optional<c10::DeviceType> answer_of_libtorch(bool checked) {
  using GetAccelerator = std::optional<c10::DeviceType> (*)(bool);
  static const auto original = reinterpret_cast<GetAccelerator>(
      dlsym(RTLD_NEXT, "_ZN2at11accelerator14getAcceleratorEb"));  // As mangled by the Itanium ABI.
  return original == nullptr ? std::nullopt : original(checked);
}

/// LibTorch's own question would be answered once for all, and no later load of CUDA be seen
/// (aten/src/ATen/detail/CUDAHooksInterface.cpp, getCUDAHooks).
bool has_cuda() {
  const auto cuda = static_cast<std::size_t>(c10::kCUDA);
  return c10::impl::device_guard_impl_registry[cuda].load() != nullptr;
}

}  // namespace

AcceleratorScope::AcceleratorScope(std::optional<c10::DeviceType> type) : before_(asked_for) {
  if (type && *type != c10::kCPU) asked_for = type;
}

AcceleratorScope::~AcceleratorScope() { asked_for = before_; }

void stop_answering_cuda() noexcept { cuda_is_lost = true; }

std::optional<c10::DeviceType> accelerator_of(const std::vector<c10::IValue>& values) {
  std::optional<c10::DeviceType> type;
  for (const c10::IValue& value : values) {
    visit_tensors(value, [&](const at::Tensor& tensor) {
      if (!type && !tensor.device().is_cpu()) type = tensor.device().type();
    });
  }
  return type;
}

bool is_wrong_accelerator(const std::string& message) {
  return message.find("opt_ready_stream && opt_parent_stream") != std::string::npos;
}

}  // namespace crosstrace

namespace at::accelerator {

std::optional<c10::DeviceType> getAccelerator(bool checked) {
  if (crosstrace::asked_for) return crosstrace::asked_for;
  if (crosstrace::has_cuda() && !crosstrace::cuda_is_lost) return c10::kCUDA;
  return crosstrace::answer_of_libtorch(checked);
}

}  // namespace at::accelerator
