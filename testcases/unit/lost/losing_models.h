// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Models that take a device with them, and operators that do it.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <crosstrace/devices/simulated/backend/loss.h>

#include <string>

namespace crosstrace {

/// On a simulated device: loses it, and `x` cannot be read any more.
inline at::Tensor lose(const at::Tensor& x) {
  if (x.device().type() == c10::kPrivateUse1)
    lose_simulated_device(x.device().index(), "device-side assert triggered");
  return x * 2;
}

/// On sim:0: loses sim:1, which nobody here waits for. The answer is right.
inline at::Tensor lose_neighbour(const at::Tensor& x) {
  if (x.device() == c10::Device("sim:0"))
    lose_simulated_device(1, "an illegal memory access was encountered", LossShows::kWhenWaitedFor);
  return x * 2;
}

/// An operator of the library `crosstrace_loss`, so that a trace records the call.
inline at::Tensor call_loss(const char* name, const at::Tensor& x) {
  return c10::Dispatcher::singleton()
      .findSchemaOrThrow((std::string("crosstrace_loss::") + name).c_str(), "")
      .typed<at::Tensor(const at::Tensor&)>()
      .call(x);
}

}  // namespace crosstrace

/// Registers the operators; once a program, at namespace scope.
#define CROSSTRACE_LOSS_OPERATORS                                                    \
  TORCH_LIBRARY(crosstrace_loss, library) {                                          \
    library.def("lose(Tensor x) -> Tensor", ::crosstrace::lose);                     \
    library.def("lose_neighbour(Tensor x) -> Tensor", ::crosstrace::lose_neighbour); \
  }
