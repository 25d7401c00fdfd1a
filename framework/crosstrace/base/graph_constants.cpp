// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/base/graph_constants.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/base/tensors_in.h>

namespace crosstrace {
namespace {

using Replace = std::function<at::Tensor(const at::Tensor&)>;

/// Numbers that an operator took as tensors say so, and take part in type promotion as numbers.
at::Tensor replaced(const at::Tensor& tensor, const Replace& replace) {
  if (!tensor.defined()) return tensor;
  at::Tensor other = replace(tensor);
  const bool is_number = tensor.unsafeGetTensorImpl()->is_wrapped_number();
  if (is_number) other.unsafeGetTensorImpl()->set_wrapped_number(true);
  return other;
}

void replace_constant(torch::jit::Node& node, const Replace& replace) {
  using torch::jit::AttributeKind;
  if (!node.hasAttribute(c10::attr::value)) return;  // None has no value.
  const auto change = [&](const at::Tensor& tensor) { return replaced(tensor, replace); };
  if (node.kindOf(c10::attr::value) == AttributeKind::t) {
    node.t_(c10::attr::value, change(node.t(c10::attr::value)));
  } else if (node.kindOf(c10::attr::value) == AttributeKind::ival) {
    c10::IValue value = node.ival(c10::attr::value);
    change_tensors(value, change);
    node.ival_(c10::attr::value, std::move(value));
  }
}

}  // namespace

void copy_constants(torch::jit::Block& block) {
  replace_constants(block, [](const at::Tensor& tensor) { return tensor.clone(); });
}

void replace_constants(torch::jit::Block& block, const Replace& replace) {
  for_each_node(block, [&](torch::jit::Node& node) {
    if (node.kind() == c10::prim::Constant) replace_constant(node, replace);
  });
}

}  // namespace crosstrace
