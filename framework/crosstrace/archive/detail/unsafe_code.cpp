// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/unsafe_code.h>
#include <crosstrace/operators/unsafe_operators.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/function_impl.h>

#include <algorithm>

namespace crosstrace::detail {
namespace {

namespace jit = torch::jit;

bool has_unsafe_operators(const jit::Block& block) {
  const auto nodes = const_cast<jit::Block&>(block).nodes();
  return std::any_of(nodes.begin(), nodes.end(), [](const jit::Node* node) {
    const auto inner = node->blocks();
    return !why_unsafe(*node).empty() ||
           std::any_of(inner.begin(), inner.end(),
                       [](const jit::Block* block) { return has_unsafe_operators(*block); });
  });
}

}  // namespace

bool has_unsafe_operators(const jit::Module& module) {
  const auto functions = module._ivalue()->compilation_unit()->get_functions();
  return std::any_of(functions.begin(), functions.end(), [](jit::Function* function) {
    const auto* code = jit::tryToGraphFunction(*function);
    return code != nullptr && has_unsafe_operators(*code->graph()->block());
  });
}

}  // namespace crosstrace::detail
