// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which of the declared devices can be used, and why one cannot.
///
///     crosstrace::probe_devices({"cpu", "cuda:0"});
///     crosstrace::DeviceInfo gpu = crosstrace::probe_device("cuda:0");
///     if (gpu.state != crosstrace::DeviceState::kAvailable) std::cerr << gpu.reason << '\n';
#pragma once

#include <c10/core/Device.h>
#include <crosstrace/devices/device_info.h>

#include <string>
#include <string_view>
#include <vector>

namespace crosstrace {

/// Looks once a process at each device, by running a small computation on it. Loads CUDA if, and
/// only if, a CUDA device is asked for; ask for all devices of a run together, first thing, since
/// LibTorch cannot be told of CUDA later.
std::vector<DeviceInfo> probe_devices(const std::vector<std::string>& names);

/// What is known of one device by now; probes it if nothing is.
DeviceInfo probe_device(const std::string& name);

/// A device as LibTorch's type. Registers the simulated device first if it is one of it.
/// @throws c10::Error if LibTorch does not know the name.
c10::Device to_device(const std::string& name);

/// Looks again at a device on which a cell just failed: an accelerator that no longer computes is
/// `lost` from here on, with `culprit` in its reason. Synchronises with the device. @returns its
/// state.
DeviceInfo recheck_device(const std::string& name, std::string_view culprit);

}  // namespace crosstrace
