// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Nodes that fix a device, for the rules about devices.
#pragma once

#include <crosstrace/graph/program.h>
#include <torch/csrc/jit/ir/ir.h>

#include <functional>
#include <optional>
#include <string>

namespace crosstrace::rules {

/// What a node does with its device.
enum class Site {
  kFactory,   ///< Makes a tensor: `aten::arange`, `aten::zeros_like`, `aten::tensor`.
  kTransfer,  ///< Moves one: `aten::to`, `aten::cpu`, `aten::cuda`.
};

struct DeviceSite {
  Site site;

  /// The device that the graph names: `cpu`, `cuda:1`, `cuda`. Nothing if the node names none, or
  /// one that is told at run time.
  std::optional<std::string> literal;

  /// Neither names a device nor has a tensor to follow: its result is on the CPU.
  bool is_implicit_cpu = false;
};

/// Nothing for a node that has no say about devices.
std::optional<DeviceSite> device_site(const torch::jit::Node& node);

/// Calls `visit(method, node)` for every node of every method that no other method calls.
void for_each_seen_node(const Program& program,
                        const std::function<void(const InlinedMethod&, torch::jit::Node&)>& visit);

}  // namespace crosstrace::rules
