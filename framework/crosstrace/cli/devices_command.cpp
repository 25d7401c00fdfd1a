// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/devices_command.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/report/make_report.h>

#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

namespace crosstrace {
namespace {

void print_json(const Report& report) {
  nlohmann::ordered_json devices = nlohmann::ordered_json::array();
  for (const DeviceInfo& row : report.devices) {
    devices.push_back({{"name", row.name},
                       {"state", to_string(row.state)},
                       {"reason", row.reason},
                       {"simulated", row.simulated}});
  }
  const nlohmann::ordered_json json = {{"schema_version", 1},
                                       {"tool_version", report.tool_version},
                                       {"libtorch_version", report.libtorch_version},
                                       {"devices", devices}};
  std::cout << json.dump(2) << '\n';
}

void print_table(const Report& report) {
  std::size_t width = 0;
  for (const DeviceInfo& row : report.devices) width = std::max(width, row.name.size());
  for (const DeviceInfo& row : report.devices) {
    std::cout << std::left << std::setw(static_cast<int>(width) + 2) << row.name << std::setw(11)
              << to_string(row.state)
              << (row.reason.empty() && row.simulated ? "simulated in host memory" : row.reason)
              << '\n';
  }
}

}  // namespace

int run_devices_command(bool json) {
  const Report report = make_report(probe_devices(declared_devices()), {});
  json ? print_json(report) : print_table(report);
  return 0;
}

}  // namespace crosstrace
