// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which devices died in this process. Nothing here touches one.
///
///     if (crosstrace::is_lost(c10::Device("cuda:0"))) return;  // Whatever is asked of it throws.
#pragma once

#include <c10/core/Device.h>

namespace crosstrace {

/// Whether `settle_devices` (discovery.h) found that the device computes no more.
bool is_lost(c10::Device device);

/// Remembers it to the end of the process: a CUDA context does not come back.
void mark_lost(c10::Device device);

}  // namespace crosstrace
