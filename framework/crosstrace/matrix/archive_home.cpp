// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/discovery.h>
#include <crosstrace/matrix/archive_home.h>

#include <algorithm>

namespace crosstrace {
namespace {

Transfer transfer_to(const std::string& home, const Archive& archive) {
  const auto& locations = archive.storage_locations();
  const bool is_there = std::find(locations.begin(), locations.end(), home) != locations.end();
  return is_there ? Transfer::kAsTraced : Transfer::kLoad;
}

/// Transfers are no evidence of a home, but where nothing else answers they are worth a trial.
std::vector<std::string> worth_a_trial(const Archive& archive) {
  std::vector<std::string> homes = archive.homes();
  const auto& named = archive.cuda_devices();
  const bool is_one = named.size() == 1 && !homes.empty();
  if (is_one && std::find(homes.begin(), homes.end(), named[0]) == homes.end()) {
    homes.push_back(named[0]);
  }
  return homes;
}

}  // namespace

std::vector<ArchiveHome> homes_here(const Archive& archive, const StandIns& stand_ins) {
  const std::vector<std::string> names = worth_a_trial(archive);
  std::vector<std::string> devices;
  for (const std::string& name : names) devices.push_back(device_here(name, stand_ins));
  probe_devices(devices);  // Together, so that CUDA is loaded in time.
  std::vector<ArchiveHome> homes;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    if (probe_device(devices[i]).state != DeviceState::kAvailable) continue;
    homes.push_back(home_here(archive, names[i], stand_ins));
  }
  if (homes.empty()) homes.emplace_back();
  return homes;
}

ArchiveHome home_here(const Archive& archive, const std::string& name, const StandIns& stand_ins) {
  return {name, device_here(name, stand_ins), transfer_to(name, archive)};
}

std::string describe(const ArchiveHome& home) {
  if (home.name == "cpu") return "the CPU";
  return home.name + (home.device == home.name ? "" : ", " + home.device + " standing in");
}

}  // namespace crosstrace
