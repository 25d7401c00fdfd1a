// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/util/StringUtil.h>
#include <crosstrace/devices/simulated/backend/fallback.h>
#include <crosstrace/devices/simulated/backend/host_kernel.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>

#include <memory>
#include <shared_mutex>
#include <unordered_map>

namespace crosstrace::simulated {
namespace {

/// Kernels of custom operators, made at their first call.
class CustomOperators {
 public:
  static CustomOperators& instance() {
    static auto* instance = new CustomOperators;
    return *instance;
  }

  const HostKernel& kernel(const c10::OperatorHandle& op) {
    {
      const std::shared_lock lock(mutex_);
      const auto found = kernels_.find(op.operator_name());
      if (found != kernels_.end()) return *found->second;
    }
    const std::unique_lock lock(mutex_);
    auto& kernel = kernels_[op.operator_name()];
    if (!kernel) kernel = std::make_unique<HostKernel>(op, nullptr);
    return *kernel;
  }

 private:
  std::shared_mutex mutex_;
  std::unordered_map<c10::OperatorName, std::unique_ptr<HostKernel>> kernels_;
};

[[noreturn]] void refuse(const c10::OperatorHandle& op, const char* reason) {
  TORCH_CHECK_NOT_IMPLEMENTED(false, "Could not run '", op.operator_name(),
                              "' with arguments from the 'sim' backend. ", reason);
}

constexpr const char* kNoCudaKernel =
    "LibTorch has a CPU kernel for it and none for CUDA: it runs on the CPU only.";
constexpr const char* kNoCpuKernel =
    "LibTorch has a CUDA kernel for it and none for the CPU, on which the simulated device runs: "
    "only a real device can tell.";
constexpr const char* kNoKernel =
    "It has no CPU kernel, on which the simulated device runs. Is the library that defines it "
    "loaded?";
constexpr const char* kLayout =
    "The simulated device holds strided tensors only, no sparse, quantized or nested ones: convert "
    "the "
    "tensor, or run on the CPU or on a real device.";

void refuse_builtin(const c10::OperatorHandle& op, const OperatorRule& rule) {
  if (rule.cuda == KernelKind::kNone)
    refuse(op, rule.cpu == KernelKind::kNone ? kNoKernel : kNoCudaKernel);
  refuse(op, kNoCpuKernel);
}

void run_fallback(const c10::OperatorHandle& op, c10::DispatchKeySet keys,
                  torch::jit::Stack* stack) {
  const auto name_space = op.operator_name().getNamespace();
  if (name_space == "aten") {
    const std::string name = c10::toString(op.operator_name()).substr(sizeof("aten::") - 1);
    if (const OperatorRule* rule = find_operator_rule(name)) refuse_builtin(op, *rule);
  }
  if (name_space && is_cpu_library(std::string(*name_space))) refuse(op, kNoCudaKernel);
  if (!op.hasComputedKernelForDispatchKey(c10::DispatchKey::CPU)) refuse(op, kNoKernel);
  CustomOperators::instance().kernel(op)(op, keys, stack);
}

void refuse_layout(const c10::OperatorHandle& op, c10::DispatchKeySet, torch::jit::Stack*) {
  refuse(op, kLayout);
}

}  // namespace

void register_fallback(torch::Library& library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&run_fallback>());
}

void register_layout_refusals() {
  using c10::DispatchKey;
  for (const DispatchKey key :
       {DispatchKey::SparsePrivateUse1, DispatchKey::SparseCsrPrivateUse1,
        DispatchKey::QuantizedPrivateUse1, DispatchKey::NestedTensorPrivateUse1}) {
    new_library("_", key).fallback(torch::CppFunction::makeFromBoxedFunction<&refuse_layout>());
  }
}

}  // namespace crosstrace::simulated
