// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which accelerator a backward pass is for, where there are two.
///
/// LibTorch's autograd engine asks `at::accelerator::getAccelerator()` which one there is, and takes
/// streams of that one alone (torch/csrc/autograd/function.h, Node::stream). As soon as a PrivateUse1
/// backend is registered, as the simulated device is, the answer is PrivateUse1, and every backward
/// pass on CUDA dies of an internal assertion (pytorch/pytorch#161129). So this file answers in
/// LibTorch's place: it defines the function once more, and the dynamic linker takes the first.
///
///     const crosstrace::AcceleratorScope scope(c10::kPrivateUse1);
///     const auto type = at::accelerator::getAccelerator();
///     std::cout << (type == c10::kPrivateUse1) << '\n';  // prints 1
#pragma once

#include <ATen/DeviceAccelerator.h>
#include <ATen/core/ivalue.h>
#include <c10/core/DeviceType.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// What `getAccelerator()` answers on this thread until the scope ends. Outside of all scopes it is
/// CUDA where CUDA is loaded, so that whoever differentiates there is not disturbed, and LibTorch's
/// own answer elsewhere.
class AcceleratorScope {
 public:
  /// @param type nothing, or the CPU, changes nothing.
  explicit AcceleratorScope(std::optional<c10::DeviceType> type);
  AcceleratorScope(const AcceleratorScope&) = delete;
  AcceleratorScope& operator=(const AcceleratorScope&) = delete;
  ~AcceleratorScope();

 private:
  std::optional<c10::DeviceType> before_;
};

/// From now on the answer outside of scopes is not CUDA: a device of it was lost, and whoever asks,
/// `torch::manual_seed` for one, would die of that. For `lost_devices.h`.
void stop_answering_cuda() noexcept;

/// The type of the first tensor among `values` that is not on the CPU; nothing if all are.
std::optional<c10::DeviceType> accelerator_of(const std::vector<c10::IValue>& values);

/// Whether `message` is the engine's assertion: a program that links a shared CrossTrace behind
/// LibTorch gets LibTorch's answer.
bool is_wrong_accelerator(const std::string& message);

}  // namespace crosstrace
