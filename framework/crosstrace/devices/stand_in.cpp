// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/stand_in.h>

namespace crosstrace {
namespace {

/// `sim:1` for `cuda:1`; empty if there is no such simulated device.
std::string simulated_twin(const std::string& cuda) {
  const std::string twin = "sim" + cuda.substr(cuda.find(':'));
  return twin == "sim:0" || twin == "sim:1" ? twin : "";
}

}  // namespace

StandIns find_stand_ins(const std::vector<std::string>& devices) {
  std::vector<std::string> cuda;
  for (const std::string& name : devices) {
    if (device_type(name) == "cuda") cuda.push_back(name == "cuda" ? "cuda:0" : name);
  }
  StandIns stand_ins;
  for (const DeviceInfo& info : probe_devices(cuda)) {
    const std::string twin = simulated_twin(info.name);
    if (info.state != DeviceState::kAbsent || twin.empty()) continue;
    if (probe_device(twin).state == DeviceState::kAvailable) stand_ins[info.name] = twin;
  }
  return stand_ins;
}

std::string device_here(const std::string& name, const StandIns& stand_ins) {
  const auto found = stand_ins.find(name);
  return found == stand_ins.end() ? name : found->second;
}

std::string describe_stand_ins(const StandIns& stand_ins) {
  std::string text;
  for (const auto& [device, twin] : stand_ins) {
    text += (text.empty() ? "" : "; ") + device + ", " + twin + " standing in";
  }
  return text;
}

std::string not_stood_in_for(const std::string& twin) {
  return "the program asks is_cuda, which is false on " + twin + ": for that nothing can stand in";
}

}  // namespace crosstrace
