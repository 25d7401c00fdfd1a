// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which devices have a kernel for an operator; no device is needed to tell.
///
///     const auto answer = crosstrace::find_kernel({"aten::histogram", "bins_tensor"}, "cuda");
///     if (!answer.has_kernel) std::cout << "CUDA has no kernel for it\n";
#pragma once

#include <ATen/core/interned_strings.h>
#include <ATen/core/operator_name.h>

#include <string>
#include <string_view>

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

/// The type of device that LibTorch (or TensorRT) made a node for when it optimised the graph:
/// `cuda` for cuDNN and TensorRT, `cpu` for oneDNN and XNNPACK; else empty.
std::string_view specialised_for(c10::Symbol kind);

}  // namespace crosstrace
