// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/accelerator.h>
#include <crosstrace/devices/lost_devices.h>

#include <mutex>
#include <unordered_set>

namespace crosstrace {
namespace {

std::mutex lost_mutex;

std::unordered_set<c10::Device>& lost_devices() {
  static auto* devices = new std::unordered_set<c10::Device>;
  return *devices;
}

}  // namespace

bool is_lost(c10::Device device) {
  const std::lock_guard lock(lost_mutex);
  return lost_devices().contains(device);
}

void mark_lost(c10::Device device) {
  if (device.is_cuda()) stop_answering_cuda();
  const std::lock_guard lock(lost_mutex);
  lost_devices().insert(device);
}

}  // namespace crosstrace
