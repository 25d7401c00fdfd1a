// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <c10/core/DeviceType.h>
#include <crosstrace/devices/simulated/backend/allocator.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/device_guard.h>
#include <crosstrace/devices/simulated/backend/fallback.h>
#include <crosstrace/devices/simulated/backend/hooks.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>
#include <crosstrace/devices/simulated/simulated_device.h>

namespace crosstrace {
namespace simulated {
namespace {

/// LibTorch has one place for a device of another maker, and no way to leave it again.
std::string occupied_by() {
  if (c10::is_privateuse1_backend_registered()) {
    return "PrivateUse1 is taken by the backend '" + c10::get_privateuse1_backend() + "'";
  }
  const auto& guards = c10::impl::device_guard_impl_registry;
  if (guards[static_cast<size_t>(kDeviceType)].load() != nullptr) {
    return "PrivateUse1 is taken: another library registered a device guard for it";
  }
  if (at::isPrivateUse1HooksRegistered()) {
    return "PrivateUse1 is taken: another library registered hooks for it";
  }
  return "";
}

/// Everything made here lives for ever: LibTorch keeps pointers to it and never gives them back.
void register_everything() {
  c10::register_privateuse1_backend(kName);
  const c10::impl::DeviceGuardImplRegistrar guard(kDeviceType, new Guard);
  c10::SetAllocator(kDeviceType, allocator());
  at::RegisterPrivateUse1HooksInterface(new Hooks);
  torch::Library& aten = new_library("aten", c10::DispatchKey::PrivateUse1);
  register_factories(aten);
  register_views(aten);
  register_storages(aten);
  register_copies(aten);
  register_rnn_cells(aten);
  register_rnns(aten);
  register_rnns(new_library("aten", c10::DispatchKey::AutogradPrivateUse1));
  register_convolutions(aten);
  register_attention(aten);
  register_dropout(aten);
  register_host_kernels(aten);
  register_fallback(new_library("_", c10::DispatchKey::PrivateUse1));
  register_layout_refusals();
}

std::string install() {
  std::string reason = occupied_by();
  if (reason.empty()) register_everything();
  return reason;
}

}  // namespace
}  // namespace simulated

std::string install_simulated_device() {
  static const std::string reason = simulated::install();
  return reason;
}

}  // namespace crosstrace
