// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The answer of a model that is traced. LibTorch's tracer takes tensors, tuples and lists of them
/// and, if it is not strict, dicts of some types (torch/csrc/jit/frontend/tracer.cpp, getOutput). So
/// it is given the tensors alone, and the graph makes the rest. For use inside export/ only.
#pragma once

#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/ir/ir.h>

#include <vector>

namespace crosstrace::detail {

/// The tensors in `answer`, keys of dicts too, in the order in which `restore_answer` takes them.
std::vector<c10::IValue> tensors_of_answer(const c10::IValue& answer);

/// Makes a graph that gives those tensors, an output each, give a value of the form of `answer`:
/// tuples, lists and dicts of any depth. None, numbers, texts and undefined tensors (None) become
/// constants.
/// @throws std::invalid_argument for an answer that holds anything else, with its type.
void restore_answer(torch::jit::Graph& graph, const c10::IValue& answer);

}  // namespace crosstrace::detail
