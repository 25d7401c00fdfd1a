// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/util/Exception.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/loss.h>

#include <array>
#include <atomic>

namespace crosstrace {
namespace simulated {
namespace {

enum class Health { kWell, kLostUnseen, kLost };

struct Device {
  std::atomic<Health> health = Health::kWell;
  std::string reason;
};

Device& device_at(c10::DeviceIndex index) {
  static auto* devices = new std::array<Device, kDeviceCount>;
  return devices->at(static_cast<std::size_t>(index < 0 ? current_index() : index));
}

}  // namespace

void check_not_lost(c10::DeviceIndex index) {
  const Device& device = device_at(index);
  TORCH_CHECK(device.health.load() != Health::kLost, "simulated device error: ", device.reason);
}

void wait_for_loss(c10::DeviceIndex index) {
  Health unseen = Health::kLostUnseen;
  device_at(index).health.compare_exchange_strong(unseen, Health::kLost);
  check_not_lost(index);
}

}  // namespace simulated

void lose_simulated_device(c10::DeviceIndex index, const std::string& reason, LossShows shows) {
  simulated::check_index(index);
  simulated::Device& device = simulated::device_at(index);
  if (device.health.load() != simulated::Health::kWell) return;  // Nothing dies twice.
  device.reason = reason;
  device.health =
      shows == LossShows::kAtOnce ? simulated::Health::kLost : simulated::Health::kLostUnseen;
}

}  // namespace crosstrace
