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
/// @throws what the method throws; std::runtime_error if there is no such method.
c10::IValue call_method(torch::jit::Module& module, const std::string& method,
                        std::vector<c10::IValue> inputs);

}  // namespace crosstrace
