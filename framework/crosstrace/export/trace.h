// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Records what a C++ model does with its inputs.
#pragma once

#include <crosstrace/models/model.h>
#include <torch/csrc/jit/api/module.h>

#include <string>

namespace crosstrace {

/// Calls the model once under LibTorch's tracer, where the model and `inputs` are, and makes a
/// module of the record. Tensors, and lists, tuples and dicts of tensors, become arguments of its
/// forward. Other arguments (numbers, strings, None) stay in the signature, but their values are
/// baked into the graph, as a trace always does.
/// @param name of the module's class.
/// @throws std::invalid_argument for an argument that mixes tensors with anything else, naming it;
/// else what forward throws.
torch::jit::Module trace(const EagerModel& model, const Inputs& inputs, const std::string& name);

}  // namespace crosstrace
