// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Random generators of the simulated devices.
#pragma once

#include <ATen/core/Generator.h>
#include <c10/core/Device.h>

namespace crosstrace::simulated {

/// A generator for device `index` (negative: the current one): the CPU's engine under another
/// device's name, so that a seed gives the CPU's numbers.
[[nodiscard]] at::Generator make_generator(c10::DeviceIndex index);

/// The generator that device `index` (negative: the current one) uses when a call names none.
[[nodiscard]] const at::Generator& default_generator(c10::DeviceIndex index);

/// The CPU generator inside `generator`, for a CPU kernel that works for `device`; without a
/// generator, the one inside the device's default. Throws c10::Error, in CUDA's words, for a
/// generator of another device.
[[nodiscard]] at::Generator host_generator(const std::optional<at::Generator>& generator,
                                           c10::Device device);

}  // namespace crosstrace::simulated
