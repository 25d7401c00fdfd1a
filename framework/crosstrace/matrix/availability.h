// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether a cell can run on this machine.
///
///     auto failure = crosstrace::why_not_runnable(id, {"cuda"});
///     if (failure) std::cerr << failure->message << '\n';
#pragma once

#include <crosstrace/archive/archive.h>
#include <crosstrace/devices/device_info.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/models/cell_id.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// @returns nothing if the device is available; `skipped` with its name and the reason if it is
/// absent or was lost by an earlier cell; `error` if it is broken, or absent or lost although
/// `required` names it or its type.
std::optional<Failure> why_not_usable(const DeviceInfo& device,
                                      const std::vector<std::string>& required);

/// The same of the first device, of those that a cell needs, which cannot be used: the run device
/// and, where the export is made here, the trace device.
std::optional<Failure> why_not_runnable(const CellId& id, const std::vector<std::string>& required);

/// The same of an archive that another program makes before the tests run: `skipped` if it is not
/// there and that program left its reason, or `error` if the device that it is made on is required.
/// An archive that is missing without a reason is left to those who open it.
std::optional<Failure> why_not_made(const Archive& archive,
                                    const std::vector<std::string>& required);

/// The same of devices that a cell touches without running on them, such as those that an archive
/// was saved on: only one that was lost stops it. Looks at each of them, so that it is known and
/// CUDA is loaded.
std::optional<Failure> why_lost(const std::vector<std::string>& touched,
                                const std::vector<std::string>& required);

}  // namespace crosstrace
