// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One export on one device, as `find_first_difference` runs it.
///
///     crosstrace::DifferenceSide side{[&] { return module.deepcopy(); }, inputs};
#pragma once

#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/api/module.h>

#include <functional>
#include <string>
#include <vector>

namespace crosstrace {

/// One export on one device.
struct DifferenceSide {
  /// Makes the module anew, on its device. Called once, and for every probe of a model with state.
  std::function<torch::jit::Module()> module;
  std::vector<c10::IValue> inputs;  ///< On its device; copied for every probe.
  std::string method = "forward";   ///< The one that is called.
};

}  // namespace crosstrace
