// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Where an archive is at home, before its cells are planned.
#pragma once

#include <crosstrace/matrix/session.h>

#include <chrono>

namespace crosstrace {

/// As `Session::whereabouts` says, looked at in a process of its own: one that has looked at CUDA,
/// or called a module, cannot fork. Should that one die, the archive's likeliest home, and nothing
/// stands in.
Whereabouts whereabouts_from_child(const Model& model, const RunOptions& options,
                                   std::chrono::seconds limit);

}  // namespace crosstrace
