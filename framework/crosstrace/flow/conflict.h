// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What following devices through a method can find.
///
///     for (const crosstrace::Conflict& conflict : crosstrace::follow_devices(program, method, scenario))
///       for (const crosstrace::Origin& origin : conflict.origins) std::cout << origin.attribute << '\n';
#pragma once

#include <crosstrace/models/cell_id.h>
#include <crosstrace/models/verdict.h>
#include <torch/csrc/jit/ir/ir.h>

#include <string>
#include <vector>

namespace crosstrace {

/// A cell, as far as devices go. Inputs, parameters and buffers are on the run device.
struct Scenario {
  Transfer transfer = Transfer::kTo;
  std::string home;  ///< Where the export was made; may be `unknown`.
  std::string run_device;

  /// The module was read onto the CPU although it was saved elsewhere: what says that it is on the
  /// CPU is on `home`.
  bool read_elsewhere = false;
};

/// What fixed a device: a node, or an attribute that does not move.
struct Origin {
  const torch::jit::Node* node = nullptr;
  std::string attribute;  ///< Its path; empty if `node` is set.

  bool operator==(const Origin&) const = default;
};

/// A place where a value that some origin fixed to another device meets the run device.
struct Conflict {
  const torch::jit::Node* node =
      nullptr;  ///< Of the operator that refuses; null: the method's output.
  std::vector<Origin> origins;
  bool certain = true;  ///< False on a path, or for a number of dims, that the graph does not tell.
  Verdict verdict = Verdict::kError;  ///< kError, or kWrongDevice for outputs.

  /// What is called is an object that nobody can look into. If the call fails, `origins` has it; that
  /// it fails is not said.
  bool is_suspicion = false;

  /// A value on the run device that the conflict's other side got its device from: a tensor input
  /// of the method, or the prim::GetAttr of a parameter or buffer. What `origins` made should have
  /// followed it. May be null.
  torch::jit::Value* anchor = nullptr;
};

}  // namespace crosstrace
