// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/simulated/backend/host_kernel.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>
#include <crosstrace/operators/device_check.h>

#include <algorithm>
#include <array>
#include <list>
#include <memory>

namespace crosstrace::simulated {
namespace {

/// Composite operators whose code looks for a kernel of the tensor's device (a DispatchStub): run
/// whole on the CPU.
constexpr std::array<std::string_view, 8> kDeviceBoundComposites = {
    "kaiser_window", "kaiser_window.beta", "kaiser_window.periodic", "ldexp.Tensor", "ldexp.out",
    "ldexp_",        "linalg_lstsq",       "linalg_lstsq.out"};

bool has_own_kernel(const c10::OperatorHandle& op) {
  return op.hasKernelForDispatchKey(c10::DispatchKey::PrivateUse1);
}

void register_host_kernel(torch::Library& library, const c10::OperatorHandle& op,
                          const OperatorRule& rule) {
  library.impl(std::string(rule.name).c_str(),
               torch::CppFunction::makeFromBoxedFunctor(std::make_unique<HostKernel>(op, &rule)));
}

/// LibTorch's backend-neutral kernel of an operator, behind CUDA's check of devices.
class CheckedComposite final : public c10::OperatorKernel {
 public:
  explicit CheckedComposite(DeviceException check) : check_(check) {}

  void operator()(const c10::OperatorHandle& op, c10::DispatchKeySet,
                  torch::jit::Stack* stack) const {
    check_(torch::jit::last(*stack, op.schema().arguments().size()));
    op.callBoxedForDispatchKey(c10::DispatchKey::CompositeExplicitAutograd, *stack);
  }

 private:
  DeviceException check_;
};

/// Of operators for which CUDA has a kernel of its own, and the CPU none.
void register_checked_composite(torch::Library& library, const c10::OperatorHandle& op,
                                const OperatorRule& rule) {
  const DeviceException check = find_device_exception(rule.name);
  if (check == nullptr || rule.cuda != KernelKind::kDirect ||
      !op.hasKernelForDispatchKey(c10::DispatchKey::CompositeExplicitAutograd)) {
    return;
  }
  library.impl(std::string(rule.name).c_str(),
               torch::CppFunction::makeFromBoxedFunctor(std::make_unique<CheckedComposite>(check)));
}

/// The rule of an `aten` operator, null for operators of other namespaces and those that LibTorch's
/// table lacks.
const OperatorRule* rule_of(const c10::OperatorName& name) {
  if (name.getNamespace() != "aten") return nullptr;
  return find_operator_rule(c10::toString(name).substr(sizeof("aten::") - 1));
}

bool runs_on_host(const c10::OperatorHandle& op, const OperatorRule& rule) {
  const bool listed = std::find(kDeviceBoundComposites.begin(), kDeviceBoundComposites.end(),
                                rule.name) != kDeviceBoundComposites.end();
  const bool shared =
      rule.cuda == KernelKind::kDirect && op.hasKernelForDispatchKey(c10::DispatchKey::CPU);
  return listed || shared;
}

}  // namespace

torch::Library& new_library(const char* name_space, c10::DispatchKey key) {
  // Kept reachable, so that a leak checker is content; destroying one would unregister its kernels.
  static auto* libraries = new std::list<torch::Library>;
  return libraries->emplace_back(torch::Library::IMPL, name_space, key, __FILE__, __LINE__);
}

void register_host_kernels(torch::Library& library) {
  auto& dispatcher = c10::Dispatcher::singleton();
  for (const c10::OperatorName& name : dispatcher.getAllOpNames()) {
    const OperatorRule* rule = rule_of(name);
    const auto op = rule == nullptr ? std::nullopt : dispatcher.findSchema(name);
    if (!op || has_own_kernel(*op)) continue;
    if (runs_on_host(*op, *rule)) {
      register_host_kernel(library, *op, *rule);
    } else {
      register_checked_composite(library, *op, *rule);
    }
  }
}

}  // namespace crosstrace::simulated
