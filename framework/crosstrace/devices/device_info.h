// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What is known about one device of this machine.
///
///     const crosstrace::DeviceInfo device = crosstrace::probe_device("sim:0");
///     std::cout << device.name << ": " << crosstrace::to_string(device.state);
///     if (device.simulated) std::cout << ", simulated";
///
/// prints
///
///     sim:0: available, simulated
#pragma once

#include <string>
#include <string_view>

namespace crosstrace {

enum class DeviceState {
  kAvailable,
  kAbsent,  ///< Not here: cells on it are skipped, unless the device is required.
  kBroken,  ///< Here, but unusable: cells on it fail.
  kLost,    ///< Worked, then died during the run: the cell that lost it failed, later ones are
            ///< skipped, or fail if it is required.
};

/// The words of JSON: `available`, `absent`, `broken`, `lost`.
std::string_view to_string(DeviceState state) noexcept;

struct DeviceInfo {
  std::string name;  ///< As LibTorch prints it: `cpu`, `cuda:0`, `sim:1`.
  DeviceState state = DeviceState::kAbsent;
  std::string reason;  ///< One line; empty if available.
  bool simulated =
      false;  ///< True for `sim:0` and `sim:1`: results say nothing about CUDA kernels or numerics.
  std::string stands_in = {};  ///< The simulated device in its place; empty if there is none.
};

}  // namespace crosstrace
