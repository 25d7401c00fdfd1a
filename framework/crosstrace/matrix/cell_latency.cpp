// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/call_method.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/matrix/cell.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace crosstrace {
namespace {

constexpr int kUncounted = 3;
constexpr std::size_t kFewest = 3;
constexpr std::size_t kMost = 21;
constexpr double kEnoughMs = 1000;

void wait_for_devices(const CellId& id) {
  for (const DeviceInfo& info : settle_devices("a timed call of " + id.describe())) {
    throw std::runtime_error(info.name + " was " + info.reason);
  }
}

}  // namespace

double Cell::latency_ms_on(const std::string& device, std::size_t set) const {
  const DeviceInfo info = probe_device(device);
  if (info.state != DeviceState::kAvailable) {
    throw std::runtime_error("nothing can be timed on " + device + ": " + info.reason);
  }
  torch::jit::Module module = module_on(device);
  const Inputs inputs = inputs_on(device, set);
  const PrecisionScope scope(session_.precision(model_));
  const auto call = [&] {
    wait_for_devices(id_);
    const auto start = std::chrono::steady_clock::now();
    (void)call_method(module, id_.method, inputs);
    wait_for_devices(id_);
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
        .count();
  };
  for (int i = 0; i < kUncounted; ++i) call();
  std::vector<double> times;
  for (double total = 0; times.size() < kFewest || (times.size() < kMost && total < kEnoughMs);) {
    times.push_back(call());
    total += times.back();
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

}  // namespace crosstrace
