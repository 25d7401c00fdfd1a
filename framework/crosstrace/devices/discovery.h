// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which of the declared devices can be used, and why one cannot.
///
///     crosstrace::probe_devices({"cpu", "cuda:0"});
///     const crosstrace::DeviceInfo gpu = crosstrace::probe_device("cuda:0");
///     if (gpu.state != crosstrace::DeviceState::kAvailable) std::cerr << gpu.reason << '\n';
#pragma once

#include <c10/core/Device.h>
#include <crosstrace/devices/device_info.h>

#include <string>
#include <string_view>
#include <vector>

namespace crosstrace {

/// Looks once a process at each device: adds 1 to two floats there and waits for the sums (the CPU
/// and the simulated device need no such proof). What goes wrong there is its state and reason, no
/// exception. Loads CUDA (or XPU) if, and only if, a device of it is asked for; ask for all devices
/// of a run together, first thing, since LibTorch cannot be told of CUDA later: it keeps the answer
/// of its first look, aten/src/ATen/detail/CUDAHooksInterface.cpp. Not for several threads at once;
/// of the functions below only `to_device` is.
/// @returns one for each name, in their order.
/// @throws c10::Error if LibTorch does not know a name.
std::vector<DeviceInfo> probe_devices(const std::vector<std::string>& names);

/// What is known of one device by now; probes it if nothing is.
/// @throws c10::Error if LibTorch does not know the name.
DeviceInfo probe_device(const std::string& name);

/// A device as LibTorch's type. Registers the simulated device first if it is one of it. Does not
/// load CUDA, so that diagnosis can speak of CUDA where nothing runs on it: what runs there is
/// probed first.
/// @throws c10::Error if LibTorch does not know the name.
c10::Device to_device(const std::string& name);

/// Waits until every accelerator that this process has looked at has done its work, so that an
/// error that it has not told yet is told now. One that reports an error here never computes again
/// in this process (a device assert, an illegal access): it is `lost` from here on, with `culprit`
/// in its reason. Devices that are lost are left alone.
/// @returns those that were lost in this call.
std::vector<DeviceInfo> settle_devices(std::string_view culprit);

}  // namespace crosstrace
