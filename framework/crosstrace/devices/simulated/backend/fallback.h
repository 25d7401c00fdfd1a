// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What happens to operators without a kernel registered for the simulated device.
#pragma once

#include <torch/library.h>

namespace crosstrace::simulated {

/// Operators outside LibTorch's table (custom ones) run their CPU kernel and are remembered;
/// LibTorch's own that arrive here have no CUDA kernel, or no CPU one, and are refused with that
/// reason. `library` is of namespace `_`.
void register_fallback(torch::Library& library);

/// Refuses operators on sparse, quantized and nested tensors, with one clear line. The libraries
/// live for ever.
void register_layout_refusals();

}  // namespace crosstrace::simulated
