// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/write_file.h>
#include <crosstrace/cli/devices_command.h>
#include <crosstrace/devices/ctest_gpus.h>
#include <crosstrace/devices/cuda_loader.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/report/make_report.h>

#include <algorithm>
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

/// All GPUs that the driver shows, be they more than the matrix has.
int write_ctest_spec(const std::string& path) {
  std::vector<int> usable;
  std::string why;
  bool broken = false;
  for (int i = 0; i < std::max(load_cuda().device_count, 1); ++i) {
    const DeviceInfo gpu = probe_device("cuda:" + std::to_string(i));
    if (gpu.state == DeviceState::kAvailable) {
      usable.push_back(i);
      continue;
    }
    why += (why.empty() ? "" : "; ") + gpu.name + " is " + std::string(to_string(gpu.state)) +
           ": " + gpu.reason;
    broken = broken || gpu.state == DeviceState::kBroken;
  }
  if (usable.empty()) {
    std::cerr << "crosstrace: " << path << " is not written, for " << why << '\n';
    return broken ? 1 : 77;
  }
  write_file(path, ctest_spec(usable));
  return 0;
}

}  // namespace

int run_devices_command(bool json, const std::string& ctest_spec) {
  const Report report = make_report(probe_devices(declared_devices()), {});
  json ? print_json(report) : print_table(report);
  return ctest_spec.empty() ? 0 : write_ctest_spec(ctest_spec);
}

}  // namespace crosstrace
