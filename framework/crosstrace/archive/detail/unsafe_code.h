// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether an archive's program reaches beyond itself. For use inside archive/ only.
#pragma once

#include <torch/csrc/jit/api/module.h>

namespace crosstrace::detail {

/// Looks at every method and function that was saved, whoever calls it.
bool has_unsafe_operators(const torch::jit::Module& module);

}  // namespace crosstrace::detail
