// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Moving modules and values between devices, the simulated one included.
///
///     torch::jit::Module module("Net");
///     module.register_parameter("weight", at::ones({3}), /*is_buffer=*/false);
///     const c10::Device device = crosstrace::to_device("sim:0");
///     crosstrace::move_module(module, device);  // as module.to(device), on every device
///     const c10::IValue inputs = crosstrace::move_value(at::ones({3}), device);
///     std::cout << module.attr("weight").toTensor().device() << '\n';  // prints sim:0
///     std::cout << inputs.toTensor().device() << '\n';                 // prints sim:0
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
/// @throws c10::Error if a tensor cannot be copied to `device`, leaving the tensors before it
/// moved.
void move_module(torch::jit::Module& module, c10::Device device);
void move_module(torch::nn::Module& module, c10::Device device);

/// `value` with every tensor, also inside lists, tuples, dicts and optionals, on `device`.
/// Containers are new, with the types they had; a tensor that occurs twice in `value` occurs twice
/// in the result; so with objects of TorchScript classes. Tensors that are on `device` already are
/// shared with `value`, not copied, and so are those of `on_cpu`, which stay (on_cpu.h). Objects of
/// C++ classes and modules are left alone. Copies are those of `Tensor::to`: between the CPU and a
/// device they wait for it.
/// @throws c10::Error if a tensor cannot be copied to `device`.
c10::IValue move_value(const c10::IValue& value, c10::Device device);

/// The answer of a model that ran on `from`, as it would be had it run on `to`: moved as
/// `move_value` does, and devices in it that are `from` are `to`.
c10::IValue move_answer(const c10::IValue& answer, c10::Device from, c10::Device to);

}  // namespace crosstrace
