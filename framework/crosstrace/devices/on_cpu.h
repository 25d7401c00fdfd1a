// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Inputs that stay on the CPU when all others are moved, as the lengths of
/// `torch::nn::utils::rnn::pack_padded_sequence` do.
///
///     const at::Tensor lengths = crosstrace::on_cpu(at::full({2}, 6, at::kLong));
///     const auto moved = crosstrace::move_value(lengths, crosstrace::to_device("sim:0"));
///     std::cout << moved.toTensor().device() << '\n';  // prints cpu
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <vector>

namespace crosstrace {

/// The same elements in a tensor that `move_value` leaves where it is, alone or inside a list, tuple
/// or dict: for inputs that a caller passes on the CPU wherever the model runs. `tensor` itself is
/// not changed, and what operators compute from it is an ordinary tensor.
/// @param tensor is copied to the CPU if it is elsewhere.
at::Tensor on_cpu(const at::Tensor& tensor);

/// The same for every tensor in `value`; containers are new, with the types they had.
c10::IValue on_cpu(c10::IValue value);

/// Whether `on_cpu` made it.
bool stays_on_cpu(const at::Tensor& tensor);

/// A deep copy, in which what stays on the CPU goes on doing so.
c10::IValue copy_value(const c10::IValue& value);

/// Each of them, for a call that may write into its arguments.
std::vector<c10::IValue> copy_values(const std::vector<c10::IValue>& values);

}  // namespace crosstrace
