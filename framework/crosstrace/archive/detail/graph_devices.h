// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The devices that an archive's program names. For use inside archive/ only.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <map>
#include <set>
#include <string>

namespace crosstrace::detail {

/// Of every function that was saved, whoever calls it.
struct GraphDevices {
  std::set<std::string> factories;  ///< Constants at which tensors are made.
  std::set<std::string> others;     ///< Of transfers and comparisons; texts that become devices.

  /// It asks whether a tensor is on CUDA (`is_cuda`, `device.type == "cuda"`), which no other
  /// device can answer as CUDA does.
  bool asks_for_cuda = false;
};

/// Names are as LibTorch prints them; `aten::cuda` names `cuda`.
GraphDevices devices_in_graphs(const torch::jit::Module& module);

/// Reads devices by other names: constants, defaults of arguments, texts that become devices when
/// they run, and `aten::cuda`, which becomes a transfer. For a module that was never called, since
/// one that was keeps what it has optimised.
/// @param names by the device with its index; `cuda` alone goes by `cuda:0`.
void rename_devices(torch::jit::Module& module, const std::map<std::string, std::string>& names);

}  // namespace crosstrace::detail
