// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How every cell, reference and probe calls an export.
///
///     const at::Tensor answer = crosstrace::call_method(module, "encode", {x, 0}).toTensor();
#pragma once

#include <ATen/core/ivalue.h>

#include <string>
#include <vector>

namespace torch::jit {
struct Module;
}

namespace crosstrace {

/// Calls a method, `forward` or another, with its arguments; those with defaults may be left out at
/// the end. Without autograd, unless it differentiates itself (`calls_autograd`); then with it, and
/// the answer is detached. Does not synchronise.
/// An undefined tensor in the answer, which is how C++ says None, is None.
/// @throws what the method throws; std::runtime_error if there is no such method.
c10::IValue call_method(torch::jit::Module& module, const std::string& method,
                        std::vector<c10::IValue> inputs);

/// To be called when a graph of the module has thrown: a task that `fork` began goes on after that,
/// and looks into the functions of the module when it throws as well
/// (InterpreterStateImpl::callstack, torch/csrc/jit/runtime/interpreter.cpp). Nobody can wait for
/// it, so a module that forks is kept until the process ends.
void keep_for_tasks(const torch::jit::Module& module);

}  // namespace crosstrace
