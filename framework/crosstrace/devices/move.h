// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Moving modules and values between devices, the simulated one included.
///
/// @code
///   crosstrace::move_module(module, c10::Device("sim:0"));        // as module.to(device), on
///   every device c10::IValue moved = crosstrace::move_value(inputs, c10::Device("sim:0"));
/// @endcode
#pragma once

#include <ATen/core/ivalue.h>
#include <c10/core/Device.h>

namespace torch::nn {
class Module;
}
namespace torch::jit {
struct Module;
}

namespace crosstrace {

/// What `module.to(device)` does: parameters and buffers move, in place and recursively, with their
/// gradients; tensors in other attributes and in graphs stay. A tensor keeps its identity:
/// parameters that were one tensor before are one afterwards, and whoever holds a parameter (an
/// optimizer, a traced copy) sees it moved.
///
/// Copies are complete when the call returns, as far as `Tensor::to` is. Gradients that a graph
/// still holds are not moved: do not move a module between a forward pass and its backward pass.
/// Throws c10::Error if a tensor cannot be copied to `device`, leaving the tensors before it moved.
void move_module(torch::jit::Module& module, c10::Device device);
void move_module(torch::nn::Module& module, c10::Device device);

/// `value` with every tensor, also inside lists, tuples, dicts and optionals, on `device`.
/// Containers are new, with the types they had; a tensor that occurs twice in `value` occurs twice
/// in the result. Tensors that are on `device` already are shared with `value`, not copied. Objects
/// (custom classes, modules) are left alone.
c10::IValue move_value(const c10::IValue& value, c10::Device device);

}  // namespace crosstrace
