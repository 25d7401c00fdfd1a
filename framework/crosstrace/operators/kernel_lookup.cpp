// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/dispatch/Dispatcher.h>
#include <crosstrace/operators/kernel_lookup.h>
#include <crosstrace/operators/operator_rules.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace crosstrace {
namespace {

using c10::DispatchKey;

std::optional<c10::OperatorHandle> find_operator(const c10::OperatorName& name) {
  return c10::Dispatcher::singleton().findSchema(name);
}

const OperatorRule* find_rule(const c10::OperatorName& name) {
  const std::string full = c10::toString(name);
  return full.starts_with("aten::") ? find_operator_rule(full.substr(6)) : nullptr;
}

bool has_composite(const c10::OperatorHandle& op) {
  if (op.hasKernelForDispatchKey(DispatchKey::CompositeImplicitAutograd)) return true;
  if (op.hasKernelForDispatchKey(DispatchKey::CompositeExplicitAutograd)) return true;
  if (!op.hasKernelForDispatchKey(DispatchKey::CompositeExplicitAutogradNonFunctional))
    return false;
  // Structured operators have such a kernel too, which calls that of the device. One device may
  // have a kernel of its own all the same, as the CPU of pixel_shuffle.
  const OperatorRule* rule = find_rule(op.operator_name());
  return rule == nullptr || rule->cpu == KernelKind::kComposite ||
         rule->cuda == KernelKind::kComposite;
}

/// Kernels for tensors of any layout on a type of device.
std::vector<DispatchKey> kernel_keys(c10::DeviceType type) {
  const DispatchKey dense = c10::computeDispatchKey(std::nullopt, std::nullopt, c10::Device(type));
  std::vector<DispatchKey> keys;
  for (DispatchKey layout : {DispatchKey::Dense, DispatchKey::Quantized, DispatchKey::Sparse,
                             DispatchKey::SparseCsr, DispatchKey::NestedTensor}) {
    keys.push_back(
        c10::toRuntimePerBackendFunctionalityKey(layout, c10::toBackendComponent(dense)));
  }
  if (type == c10::kCPU) keys.push_back(DispatchKey::MkldnnCPU);
  return keys;
}

bool is_registered(const c10::OperatorHandle& op, c10::DeviceType type) {
  if (has_composite(op)) return true;
  const std::vector<DispatchKey> keys = kernel_keys(type);
  if (c10::Dispatcher::singleton().hasBackendFallbackForDispatchKey(keys.front())) return true;
  return std::any_of(keys.begin(), keys.end(),
                     [&](DispatchKey key) { return op.hasKernelForDispatchKey(key); });
}

/// Whether LibTorch's kernels for this type of device are in the process.
bool is_loaded(c10::DeviceType type) {
  const auto empty = find_operator({"aten::empty", "memory_format"});
  return empty && empty->hasKernelForDispatchKey(kernel_keys(type).front());
}

/// What LibTorch's table says of CUDA; nothing if it does not list the operator.
std::optional<bool> cuda_by_table(const c10::OperatorName& name) {
  const OperatorRule* rule = find_rule(name);
  if (rule == nullptr) return std::nullopt;
  if (rule->cuda != KernelKind::kNone) return true;
  // Of operators on quantized and sparse tensors alone the table says nothing.
  return rule->cpu == KernelKind::kNone && name.name.find("mkldnn") == std::string::npos;
}

std::string name_space(const c10::OperatorName& name) {
  return name.name.substr(0, name.name.find("::"));
}

}  // namespace

KernelAnswer find_kernel(const c10::OperatorName& name, const std::string& device_type) {
  const c10::DeviceType type = c10::Device(device_type).type();
  const bool loaded = is_loaded(type);
  if (type == c10::kCUDA && !loaded) {
    if (const auto answer = cuda_by_table(name)) return {*answer};
    if (is_cpu_library(name_space(name))) return {false};
  }
  const auto op = find_operator(name);
  if (op && is_registered(*op, type)) return {true};
  return {false, loaded ? KernelEvidence::kRegistered : KernelEvidence::kNotSeen};
}

bool runs_as(const std::string& device, const std::string& device_type) {
  const std::string type = device.substr(0, device.find(':'));
  return type == device_type || (type == "sim" && device_type == "cuda");
}

std::string_view specialised_for(c10::Symbol kind) {
  const std::string name = kind.toQualString();
  constexpr std::array<std::string_view, 5> kCuda = {
      "aten::cudnn_", "aten::_cudnn_", "aten::miopen_", "tensorrt::", "prim::CudaFusionGroup"};
  constexpr std::array<std::string_view, 9> kCpu = {
      "aten::mkldnn_", "aten::_mkldnn_", "aten::to_mkldnn",    "prim::mkldnn_", "prim::MKLDNN",
      "mkldnn::",      "prepacked::",    "mkldnn_prepacked::", "xnnpack::"};
  const auto starts = [&](std::string_view prefix) { return name.starts_with(prefix); };
  if (std::any_of(kCuda.begin(), kCuda.end(), starts)) return "cuda";
  if (std::any_of(kCpu.begin(), kCpu.end(), starts) || name == "prim::ConstantMKLDNNTensor")
    return "cpu";
  return "";
}

}  // namespace crosstrace
