// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which operators an export calls, and which devices can run them; no device is needed to tell.
///
///     for (const auto& use : crosstrace::operator_inventory(program, {"cpu", "cuda"}))
///       if (!use.kernels.at("cuda")) std::cout << use.name << '\n';
#pragma once

#include <ATen/core/operator_name.h>
#include <crosstrace/diagnose/diagnosis.h>
#include <crosstrace/diagnose/program.h>
#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crosstrace {

/// Who says whether a kernel exists.
enum class KernelEvidence {
  kRegistered,  ///< LibTorch's dispatcher, or its operator table, which is complete.
  kNotSeen,     ///< No kernel is registered, but CUDA's part of LibTorch is not loaded either, so a
                ///< library may have kept its own back.
};

struct KernelAnswer {
  bool has_kernel = false;
  KernelEvidence evidence = KernelEvidence::kRegistered;
};

/// Whether `device_type` (`cpu`, `cuda`, `xpu`, ...) runs the operator, by a kernel of its own or
/// by one made of other operators. For CUDA the dispatcher is asked if libtorch_cuda is loaded,
/// with or without a driver; else LibTorch's operator table, and the dispatcher for all that it
/// does not list.
/// @throws c10::Error if LibTorch knows no such type of device.
KernelAnswer find_kernel(const c10::OperatorName& name, const std::string& device_type);

/// Whether `device` is of this type, or is the simulated device, which refuses what CUDA refuses,
/// and the type is `cuda`.
bool runs_as(const std::string& device, const std::string& device_type);

/// The operator that LibTorch's dispatcher calls for this node; none for what only the interpreter
/// knows (`prim::ListConstruct`, `aten::len`).
std::optional<c10::OperatorName> dispatched_operator(const torch::jit::Node& node);

/// What a node passes for the argument of this name; null if its operator has no such argument, or
/// it has no operator.
const torch::jit::Value* find_argument(const torch::jit::Node& node, const std::string& name);

/// The operators of all methods that no other method calls, by name with overload.
/// @param targets types of devices.
std::vector<OperatorUse> operator_inventory(const Program& program,
                                            const std::vector<std::string>& targets);

/// The type of device that LibTorch (or TensorRT) made a node for when it optimised the graph:
/// `cuda` for cuDNN and TensorRT, `cpu` for oneDNN and XNNPACK; else empty.
std::string_view specialised_for(c10::Symbol kind);

}  // namespace crosstrace
