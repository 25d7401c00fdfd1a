// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a reader must know of a device wherever its name stands. For use inside report/ only.
#pragma once

#include <crosstrace/devices/device_info.h>

#include <string>
#include <vector>

namespace crosstrace::detail {

/// `simulated`; `sim:0 standing in` of a CUDA device; empty of a device that is what it is called.
std::string device_note(const std::string& name, const std::vector<DeviceInfo>& devices);

}  // namespace crosstrace::detail
