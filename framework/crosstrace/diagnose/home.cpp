// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/archive/likely_homes.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/diagnose/home.h>

#include <algorithm>
#include <set>

namespace crosstrace::detail {
namespace {

std::set<std::string> devices_of_parameters(const Program& program) {
  std::set<std::string> names;
  for (const Attribute& attribute : program.attributes()) {
    const bool moves = attribute.is_parameter || attribute.is_buffer;
    if (!moves || !attribute.value.isTensor() || !attribute.value.toTensor().defined()) continue;
    names.insert(attribute.value.toTensor().device().str());
  }
  return names;
}

/// None of the storages was saved on the CPU, so a tensor there was brought there.
bool none_on_cpu(const std::vector<std::string>& locations) {
  return !locations.empty() &&
         std::find(locations.begin(), locations.end(), "cpu") == locations.end();
}

bool is_device(const std::string& name) {
  try {
    (void)to_device(name);
    return true;
  } catch (const c10::Error&) {
    return false;
  }
}

std::string likeliest(const Program& program, const std::vector<std::string>& locations) {
  const std::set<std::string> storages = locations.empty()
                                             ? devices_of_parameters(program)
                                             : std::set(locations.begin(), locations.end());
  const std::vector<std::string> homes = likely_homes(program.module(), storages);
  return homes.empty() ? "unknown" : homes.front();
}

}  // namespace

Home find_home(const Program& program, const DiagnoseOptions& options) {
  const auto& locations = options.storage_locations;
  Home home;
  home.read_elsewhere = none_on_cpu(locations) && is_device(locations.front());
  if (home.read_elsewhere) {
    home.name = locations.front();
  } else {
    home.name = options.home != "unknown" ? options.home : likeliest(program, locations);
  }
  if (!is_device(home.name)) home.name = "unknown";
  return home;
}

std::vector<std::string> other_devices(const std::string& home) {
  const std::string type = device_type(home);
  const bool named = home != "unknown" && type != "cpu";
  const std::string accelerator = named ? type : "cuda";
  std::vector<std::string> devices = {"cpu", accelerator + ":0", accelerator + ":1"};
  std::erase(devices, named && home == type ? type + ":0" : home);
  return devices;
}

}  // namespace crosstrace::detail
