// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The library of CUDA kernels, opened when a pair on a GPU is first compared. For use inside
/// compare/ only.
#pragma once

#include <c10/core/Device.h>
#include <crosstrace/compare/detail/device_kernel.h>

namespace crosstrace::detail {

/// What compares two arrays on `device`. Null where there is no such library (it was built without
/// nvcc), or its kernels cannot run there (the driver is older than they are).
DeviceCompare device_compare(c10::Device device);

}  // namespace crosstrace::detail
