// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/diagnose/home.h>
#include <crosstrace/diagnose/rules/device_sites.h>

#include <algorithm>
#include <set>

namespace crosstrace::detail {
namespace {

/// The one element, else empty.
std::string only(const std::set<std::string>& names) {
  return names.size() == 1 ? *names.begin() : "";
}

std::string named_by_literals(const Program& program) {
  std::set<std::string> names;
  rules::for_each_seen_node(program, [&](const InlinedMethod&, torch::jit::Node& node) {
    const auto site = rules::device_site(node);
    if (site && site->literal) names.insert(*site->literal);
  });
  return only(names);
}

std::string named_by_parameters(const Program& program) {
  std::set<std::string> names;
  for (const Attribute& attribute : program.attributes()) {
    const bool moves = attribute.is_parameter || attribute.is_buffer;
    if (!moves || !attribute.value.isTensor() || !attribute.value.toTensor().defined()) continue;
    names.insert(attribute.value.toTensor().device().str());
  }
  return only(names);
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

std::string first_known(std::initializer_list<std::string> names) {
  for (const std::string& name : names) {
    if (!name.empty()) return name;
  }
  return "unknown";
}

}  // namespace

Home find_home(const Program& program, const DiagnoseOptions& options) {
  const auto& locations = options.storage_locations;
  Home home;
  home.read_elsewhere = none_on_cpu(locations) && is_device(locations.front());
  if (home.read_elsewhere) {
    home.name = locations.front();
  } else if (options.home != "unknown") {
    home.name = options.home;
  } else {
    home.name = first_known({named_by_literals(program), only({locations.begin(), locations.end()}),
                             named_by_parameters(program)});
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
