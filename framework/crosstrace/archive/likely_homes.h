// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which device a module was made on, told from its program and its storages alone.
///
///     const torch::jit::Module module = crosstrace::Archive("baked.pt").without_weights();
///     for (const std::string& home : crosstrace::likely_homes(module, {"cuda:0"}))
///       std::cout << home << '\n';  // prints cuda:0
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <set>
#include <string>
#include <vector>

namespace crosstrace {

/// The likeliest first: the device at which the program makes tensors, if it names one for all; the
/// one that all its tensors are on. Transfers (`to`, `.cpu()`) are no evidence, and `cuda` is `cuda:0`.
/// @param storages devices of its tensors.
/// @returns nothing if nothing tells.
std::vector<std::string> likely_homes(const torch::jit::Module& module,
                                      const std::set<std::string>& storages);

/// The same of the devices at which its program makes tensors.
std::vector<std::string> likely_homes(const std::set<std::string>& factories,
                                      const std::set<std::string>& storages);

}  // namespace crosstrace
