// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <crosstrace/base/one_line.h>
#include <crosstrace/devices/cuda_loader.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/lost_devices.h>
#include <crosstrace/devices/other_parts.h>
#include <crosstrace/devices/simulated/simulated_device.h>

#include <algorithm>
#include <exception>
#include <map>
#include <stdexcept>

namespace crosstrace {
namespace {

std::map<std::string, DeviceInfo>& known_devices() {
  static std::map<std::string, DeviceInfo> devices;
  return devices;
}

/// Empty if the device adds one and one, else what it said instead. Copying the sum back
/// synchronises.
std::string why_it_does_not_compute(c10::Device device) {
  try {
    at::Tensor sum = at::ones({2}, at::TensorOptions().device(device)).add(1).cpu();
    return sum.equal(at::full({2}, 2.0)) ? "" : "1 + 1 is not 2 on this device";
  } catch (const std::exception& error) {
    return one_line(error);
  }
}

DeviceInfo look_at_cuda(const std::string& name) {
  const CudaLoad& cuda = load_cuda();
  if (!cuda.loaded)
    return {name, cuda.broken ? DeviceState::kBroken : DeviceState::kAbsent, cuda.reason};
  const c10::Device device(name);
  if (device.index() >= cuda.device_count) {
    return {name, DeviceState::kAbsent,
            "the NVIDIA driver shows " + std::to_string(cuda.device_count) + " device(s) only"};
  }
  const std::string reason = why_it_does_not_compute(device);
  return {name, reason.empty() ? DeviceState::kAvailable : DeviceState::kBroken, reason};
}

DeviceInfo look_at_sim(const std::string& name) {
  const std::string reason = install_simulated_device();
  return {name, reason.empty() ? DeviceState::kAvailable : DeviceState::kAbsent, reason, true};
}

/// Whatever else LibTorch knows: xpu from a library of its own, others if they are built in.
DeviceInfo look_at_other(const std::string& name) {
  const c10::Device device(name);
  const std::string looked_for = open_part_for(device.type());
  if (!c10::impl::hasDeviceGuardImpl(device.type())) {
    return {name, DeviceState::kAbsent,
            "this LibTorch has no part for " + device_type(name) +
                (looked_for.empty() ? "" : " (" + looked_for + ")")};
  }
  const c10::DeviceIndex count = c10::impl::getDeviceGuardImpl(device.type())->deviceCount();
  if (std::max<int>(device.index(), 0) >= count) {
    return {name, DeviceState::kAbsent,
            "LibTorch sees " + std::to_string(count) + " device(s) of " + device_type(name)};
  }
  const std::string reason = why_it_does_not_compute(device);
  return {name, reason.empty() ? DeviceState::kAvailable : DeviceState::kBroken, reason};
}

DeviceInfo look(const std::string& name) {
  if (name == "cpu") return {name, DeviceState::kAvailable, ""};
  if (device_type(name) == "cuda") return look_at_cuda(name);
  if (device_type(name) == "sim") return look_at_sim(name);
  return look_at_other(name);
}

/// Waits for all streams of a device. Of the types that offer no such thing, a small computation is
/// waited for.
void wait_for(c10::Device device) {
  if (device.is_cuda() || device.is_privateuseone()) {
    c10::impl::getDeviceGuardImpl(device.type())
        ->synchronizeDevice(std::max<c10::DeviceIndex>(device.index(), 0));
  } else if (const std::string reason = why_it_does_not_compute(device); !reason.empty()) {
    throw std::runtime_error(reason);
  }
}

/// @returns what the device reports instead, one line; empty if all its work is done.
std::string error_of(const DeviceInfo& info) try {
  wait_for(c10::Device(info.name));
  return "";
} catch (const std::exception& error) {
  return one_line(error);
}

}  // namespace

std::string_view to_string(DeviceState state) noexcept {
  switch (state) {
    case DeviceState::kAvailable:
      return "available";
    case DeviceState::kAbsent:
      return "absent";
    case DeviceState::kBroken:
      return "broken";
    case DeviceState::kLost:
      return "lost";
  }
  return "unknown";
}

DeviceInfo probe_device(const std::string& name) {
  auto found = known_devices().find(name);
  if (found == known_devices().end()) found = known_devices().emplace(name, look(name)).first;
  return found->second;
}

std::vector<DeviceInfo> probe_devices(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (device_type(name) == "cuda") load_cuda();  // Before another probe asks LibTorch for it.
  }
  std::vector<DeviceInfo> infos;
  for (const std::string& name : names) infos.push_back(probe_device(name));
  return infos;
}

c10::Device to_device(const std::string& name) {
  if (device_type(name) == "sim")
    (void)install_simulated_device();  // If refused, the next line says so.
  return c10::Device(name);
}

std::vector<DeviceInfo> settle_devices(std::string_view culprit) {
  std::vector<DeviceInfo> lost;
  for (auto& [name, info] : known_devices()) {
    if (name == "cpu" || info.state != DeviceState::kAvailable) continue;
    const std::string reason = error_of(info);
    if (reason.empty()) continue;
    info.state = DeviceState::kLost;
    mark_lost(c10::Device(name));
    info.reason = "lost in " + std::string(culprit) + ": " + reason;
    lost.push_back(info);
  }
  return lost;
}

}  // namespace crosstrace
