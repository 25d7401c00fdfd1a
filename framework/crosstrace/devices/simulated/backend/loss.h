// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A simulated device that dies, so that what a device assert does to a run can be tested without a
/// GPU.
///
///     (void)crosstrace::install_simulated_device();
///     crosstrace::lose_simulated_device(0, "device-side assert triggered");
///     // torch::rand({2}, c10::Device("sim:0")) throws from here on.
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace crosstrace {

/// When the loss shows: in the next call on the device, or, as CUDA's asynchronous errors do, not
/// before something waits for it (a copy to the host, a synchronisation).
enum class LossShows { kAtOnce, kWhenWaitedFor };

/// From here on calls on `sim:index` throw c10::Error with `reason`, for the rest of the process:
/// there is no way back, as there is none for a CUDA context. Its memory can still be freed.
void lose_simulated_device(c10::DeviceIndex index, const std::string& reason,
                           LossShows shows = LossShows::kAtOnce);

namespace simulated {

/// Throws c10::Error if `sim:index` was lost and that shows already. Called before each operator.
void check_not_lost(c10::DeviceIndex index);

/// The same, and makes a loss show: for copies to the host and synchronisations.
void wait_for_loss(c10::DeviceIndex index);

}  // namespace simulated
}  // namespace crosstrace
