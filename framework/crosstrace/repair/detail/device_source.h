// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Where a method can read the device that a tensor of its own should be on.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <map>
#include <optional>
#include <string>

namespace crosstrace::detail {

/// A device known at run time.
struct DeviceSource {
  torch::jit::Value* device;  ///< prim::device, before all other nodes of the graph.
  std::string name;           ///< Of the value that has it: `x`, `encoder.weight`.
};

/// Reads devices at the start of one graph, each value's once.
class DeviceSources {
 public:
  explicit DeviceSources(torch::jit::Graph& graph) : graph_(graph) {}

  /// The device of `wanted`. Where it cannot be read at the start, or `wanted` is null: the device
  /// of the first tensor argument, also of one inside a tuple, else of a parameter or buffer that
  /// the graph reads, else of the first element of a list or dict of tensors. Nothing if the method
  /// has none of these.
  std::optional<DeviceSource> device_of(torch::jit::Value* wanted);

 private:
  std::optional<DeviceSource> read(torch::jit::Value* value, bool empty_allowed);
  std::optional<DeviceSource> any(torch::jit::Value* wanted);
  torch::jit::Value* at_start(torch::jit::Value* value);

  torch::jit::Graph& graph_;
  std::map<std::string, torch::jit::Value*> known_;
};

}  // namespace crosstrace::detail
