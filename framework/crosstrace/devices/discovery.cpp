// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <crosstrace/base/one_line.h>
#include <crosstrace/devices/cuda_loader.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/simulated/simulated_device.h>

#include <exception>
#include <map>

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

DeviceInfo look(const std::string& name) {
  if (device_type(name) == "cuda") return look_at_cuda(name);
  if (device_type(name) == "sim") return look_at_sim(name);
  if (!c10::impl::hasDeviceGuardImpl(c10::Device(name).type())) {
    return {name, DeviceState::kAbsent, "this LibTorch has no part for " + device_type(name)};
  }
  const std::string reason = why_it_does_not_compute(c10::Device(name));
  return {name, reason.empty() ? DeviceState::kAvailable : DeviceState::kAbsent, reason};
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
    if (device_type(name) == "cuda")
      load_cuda();  // Before any other probe makes LibTorch look for CUDA.
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

DeviceInfo recheck_device(const std::string& name, std::string_view culprit) {
  const auto found = known_devices().find(name);
  if (found == known_devices().end()) return {name, DeviceState::kAbsent, "nobody looked at it"};
  DeviceInfo& info = found->second;
  if (info.state != DeviceState::kAvailable || info.simulated || name == "cpu") return info;
  const std::string reason = why_it_does_not_compute(c10::Device(name));
  if (!reason.empty())
    info = {name, DeviceState::kLost, "lost in " + std::string(culprit) + ": " + reason};
  return info;
}

}  // namespace crosstrace
