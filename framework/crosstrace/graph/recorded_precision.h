// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The `allow_tf32` that operators of a graph carry. A trace records the flag of the process that
/// traced (aten::_convolution), cuDNN's own operators have one too, and LibTorch's flags change
/// nothing about them.
///
///     torch::jit::Module module = exported.copy();
///     crosstrace::set_recorded_tf32(module, false);  // Before its first call.
#pragma once

#include <crosstrace/devices/precision.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include <optional>

namespace crosstrace {

/// The `allow_tf32` of a node: none if its operator has no such argument, or the value is not
/// known.
std::optional<bool> recorded_tf32(const torch::jit::Node& node);

/// Makes every operator that carries an `allow_tf32` carry this one: in every function of the
/// module's compilation unit, nested blocks included, methods of other modules excepted, since
/// clones share a unit. For a module that was never called: what has run keeps the graph that it
/// was optimised from.
void set_recorded_tf32(const torch::jit::Module& module, bool allow);

/// The same, as `precision` wants it; nothing for kAsExported.
void set_recorded_precision(const torch::jit::Module& module, Precision precision);

/// Whether CUDA would run some operator of the module in TF32, as its graphs and LibTorch's flags
/// are now. False without a float32 tensor among its parameters, if it has any.
bool would_run_in_tf32(const torch::jit::Module& module);

}  // namespace crosstrace
