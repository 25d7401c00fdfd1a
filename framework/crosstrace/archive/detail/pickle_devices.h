// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The devices that a pickle names. For use inside archive/ only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace crosstrace::detail {

struct PickleDevices {
  std::set<std::string> storages;  ///< Where tensors were saved.
  std::set<std::string> values;    ///< Of attributes that are devices, or hold some.
};

/// Other texts that look like a device are none. A pickle that is broken shows what it shows.
PickleDevices devices_in_pickle(std::string_view pickle);

/// The pickle with other names for devices, of storages and values alike; other texts stay, also
/// those that shared a memo entry with a device.
/// @throws std::runtime_error for a broken pickle.
std::string rename_devices(std::string_view pickle,
                           const std::map<std::string, std::string>& names);

}  // namespace crosstrace::detail
