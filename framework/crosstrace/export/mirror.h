// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The TorchScript twin of a C++ module: the same tensors under the same names, no methods yet.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <string>

namespace torch::nn {
class Module;
}

namespace crosstrace {

/// Parameters stay parameters, buffers stay buffers, submodules keep their names; what is
/// registered at two places is one object in the twin too. Tensors are shared with `source`, not
/// copied. Every module gets a `training` attribute.
/// @param source null gives an empty module.
/// @param name of the class: `__torch__.<name>`, submodules `__torch__.<name>.<path>`.
torch::jit::Module mirror(const torch::nn::Module* source, const std::string& name);

}  // namespace crosstrace
