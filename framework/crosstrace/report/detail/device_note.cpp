// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/device_note.h>

namespace crosstrace::detail {

std::string device_note(const std::string& name, const std::vector<DeviceInfo>& devices) {
  // A report need not list its devices.
  if (name.starts_with("sim:")) return "simulated";
  for (const auto& device : devices) {
    if (device.name != name) continue;
    if (device.simulated) return "simulated";
    if (!device.stands_in.empty()) return device.stands_in + " standing in";
  }
  return "";
}

}  // namespace crosstrace::detail
