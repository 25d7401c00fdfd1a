// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Parts of LibTorch for accelerators other than CUDA, which are libraries of their own.
///
///     const std::string why_not = crosstrace::open_part_for(c10::DeviceType::XPU);
#pragma once

#include <c10/core/DeviceType.h>

#include <string>

namespace crosstrace {

/// Opens `libtorch_xpu.so` beside libtorch_cpu.so for xpu, once. Other types (mps, a vendor's
/// PrivateUse1) have no library that could be named: they are there from the start or not at all.
/// @returns what was looked for and not found, or why it could not be opened, one line; empty if
/// there was nothing to open, or it was opened.
std::string open_part_for(c10::DeviceType type);

}  // namespace crosstrace
