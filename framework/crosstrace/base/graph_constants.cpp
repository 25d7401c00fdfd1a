// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/base/graph_constants.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/base/tensors_in.h>

namespace crosstrace {
namespace {

/// Numbers that an operator took as tensors say so, and take part in type promotion as numbers.
at::Tensor copied(const at::Tensor& tensor) {
  if (!tensor.defined()) return tensor;
  at::Tensor copy = tensor.clone();
  const bool is_number = tensor.unsafeGetTensorImpl()->is_wrapped_number();
  if (is_number) copy.unsafeGetTensorImpl()->set_wrapped_number(true);
  return copy;
}

void copy_constant(torch::jit::Node& node) {
  using torch::jit::AttributeKind;
  if (!node.hasAttribute(c10::attr::value)) return;  // None has no value.
  if (node.kindOf(c10::attr::value) == AttributeKind::t) {
    node.t_(c10::attr::value, copied(node.t(c10::attr::value)));
  } else if (node.kindOf(c10::attr::value) == AttributeKind::ival) {
    c10::IValue value = node.ival(c10::attr::value);
    change_tensors(value, copied);
    node.ival_(c10::attr::value, std::move(value));
  }
}

}  // namespace

void copy_constants(torch::jit::Block& block) {
  for_each_node(block, [](torch::jit::Node& node) {
    if (node.kind() == c10::prim::Constant) copy_constant(node);
  });
}

}  // namespace crosstrace
