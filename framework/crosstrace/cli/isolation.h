// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// `--isolate` and `--isolate=cell`.
#pragma once

namespace crosstrace {

enum class Isolation {
  kNone,    ///< Other processes only after a crash.
  kWorker,  ///< A process serves cells until one kills it, takes too long or loses a device.
  kCell,    ///< A process for each cell.
};

}  // namespace crosstrace
