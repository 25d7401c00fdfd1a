// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which mixtures of devices an operator takes: CUDA's rule for that operator.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <crosstrace/operators/operator_rules.h>

#include <string>
#include <string_view>

namespace crosstrace {

/// Throws c10::Error, in CUDA's words, if CUDA would refuse the devices of `arguments`, which are
/// known to differ.
///
/// The rule comes from `rule`: operators that check first want one device for all tensors, 0-dim
/// ones too; operators built on TensorIterator are asked themselves, by running their shape-only
/// (Meta) kernel on tensors without data that name the true devices; the few that decide otherwise
/// are listed in device_exceptions.cpp. Operators outside LibTorch's table (null `rule`) must not
/// mix devices at all.
void check_devices(const c10::OperatorHandle& op, const OperatorRule* rule,
                   c10::ArrayRef<c10::IValue> arguments);

/// Throws TensorIterator's sentence about two devices.
[[noreturn]] void refuse_two_devices(c10::Device common, c10::Device other);

/// Throws what gpu_kernel (cuda/Loops.cuh) throws of an argument of its TensorIterator, outputs
/// first, that is on the CPU.
/// @param arguments of the operator: they name the device.
[[noreturn]] void refuse_host_argument(int argument, c10::ArrayRef<c10::IValue> arguments);

/// The device type of the first tensor that is not on the CPU: `cuda`.
[[nodiscard]] std::string accelerator_name(c10::ArrayRef<c10::IValue> arguments);

/// Throws unless all tensors in `arguments` are on one device.
void require_one_device(c10::ArrayRef<c10::IValue> arguments);

/// Checks the devices of one operator that no general rule describes.
using DeviceException = void (*)(c10::ArrayRef<c10::IValue> arguments);

/// The exception for `aten::<name>`, null if the general rules hold.
[[nodiscard]] DeviceException find_device_exception(std::string_view name);

/// What CUDA's kernel of `aten::<name>` refuses although TensorIterator has taken it, null for
/// most.
[[nodiscard]] DeviceException find_kernel_exception(std::string_view name);

}  // namespace crosstrace
