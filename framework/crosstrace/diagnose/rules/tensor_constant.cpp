// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/diagnose/rule.h>
#include <crosstrace/diagnose/rules/device_sites.h>
#include <torch/csrc/jit/ir/constants.h>

#include <sstream>

namespace crosstrace::rules {
namespace {

std::string describe(const c10::IValue& value) {
  std::ostringstream text;
  if (value.isTensor()) {
    text << "a tensor of shape " << value.toTensor().sizes();
  } else {
    text << "a " << value.type()->repr_str();
  }
  return text.str();
}

bool holds_tensors(const c10::IValue& value) {
  bool found = false;
  value.visit([&](const c10::IValue& part) {
    found = found || (part.isTensor() && part.toTensor().defined());
    return found;
  });
  return found;
}

}  // namespace

/// A tensor that the graph itself holds.
void tensor_constant(const RuleContext& context, const std::function<void(Remark)>& say) {
  for_each_seen_node(context.program, [&](const InlinedMethod& method, torch::jit::Node& node) {
    if (node.kind() != c10::prim::Constant || !node.hasAttribute(c10::attr::value)) return;
    const auto value = torch::jit::toIValue(node.output());
    if (!value || !holds_tensors(*value)) return;
    Remark remark{&method, &node};
    remark.message = "The graph holds " + describe(*value) +
                     " as a constant, which module.to(device) leaves where it was made.";
    remark.advice = "Register it as a buffer, so that it moves with the module.";
    remark.repair = value->isTensor() ? Repairability::kAutomatic : Repairability::kManual;
    say(std::move(remark));
  });
}

}  // namespace crosstrace::rules
