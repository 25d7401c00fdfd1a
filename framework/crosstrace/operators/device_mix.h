// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether an operator takes tensors of different devices: CUDA's own answer, as the simulated
/// device gives it, without tensors.
#pragma once

#include <ATen/core/ivalue.h>
#include <crosstrace/operators/operator_info.h>

#include <optional>
#include <string_view>
#include <vector>

namespace crosstrace {

enum class DeviceMix { kTaken, kMayBeRefused, kRefused };

/// A tensor without data: `rank` dims of size 1.
at::Tensor phantom(c10::Device device, int rank, c10::ScalarType dtype);

/// @param arguments of the call; tensors made by `phantom`, on at least two devices.
DeviceMix judge_device_mix(const OperatorInfo& info, std::vector<c10::IValue> arguments);

/// The argument that must be on the CPU whatever the others do, such as the lengths of packed
/// sequences; nothing for most operators.
std::optional<std::size_t> host_argument(const OperatorInfo& info);

/// LibTorch's composite operators that are made of elementwise ones (`rsub`, `floor_divide`): they
/// take one 0-dim CPU tensor as a number, and their result is a broadcast.
/// @param base of the name, as in OperatorInfo.
bool is_composite_elementwise(std::string_view base);

/// A value for an argument that is not a tensor and not known.
c10::IValue placeholder(const c10::Argument& argument);

}  // namespace crosstrace
