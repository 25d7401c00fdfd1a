// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Records what a C++ model does with its inputs.
#pragma once

#include <crosstrace/models/model.h>
#include <torch/csrc/jit/api/module.h>

#include <string>
#include <vector>

namespace crosstrace {

/// What `trace` puts back after the call.
enum class Keep {
  kState,    ///< Parameters, buffers and captured tensors. Costs a copy of each.
  kBuffers,  ///< Not the parameters: for who knows that forward does not write into them, or does not
             ///< use the model afterwards.
};

/// Calls the model once under LibTorch's tracer, where the model and `inputs` are, and makes a
/// module of the record. Tensors, and lists, tuples and dicts of tensors, become arguments of its
/// forward. Other arguments (numbers, strings, None) stay in the signature, but their values are
/// baked into the graph, as a trace always does. So are None, numbers and strings of the answer,
/// which may be tuples, lists and dicts of any depth.
///
/// What forward writes into parameters, buffers and tensors that it captured is put back, in the
/// module too: both are as they were before the call.
/// @param name of the module's class.
/// @param captured is given the tensors that forward uses and that no module has registered.
/// @throws std::invalid_argument for an argument that mixes tensors with anything else, naming it,
/// and for an answer that no graph can make; std::runtime_error in one sentence for a backward pass that
/// the tracer cannot record; else what forward throws.
torch::jit::Module trace(const EagerModel& model, const Inputs& inputs, const std::string& name,
                         std::vector<at::Tensor>* captured = nullptr, Keep keep = Keep::kState);

}  // namespace crosstrace
