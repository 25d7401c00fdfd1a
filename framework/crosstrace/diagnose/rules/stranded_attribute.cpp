// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/diagnose/rule.h>

namespace crosstrace::rules {
namespace {

struct Held {
  bool tensor = false;
  bool device = false;
};

Held look_into(const Program& program, const c10::IValue& value) {
  Held held;
  value.visit([&](const c10::IValue& part) {
    const bool stays =
        part.isTensor() && part.toTensor().defined() && !program.moves(part.toTensor());
    held.tensor = held.tensor || stays;
    held.device = held.device || part.isDevice();
    return part.isModule();
  });
  return held;
}

Remark about_tensors(const Attribute& attribute) {
  Remark remark;
  const std::string what = attribute.value.isTensor()
                               ? "is a tensor"
                               : "holds tensors in a " + attribute.value.type()->repr_str();
  remark.message = "The attribute " + attribute.path + " " + what +
                   " that is neither parameter nor buffer, so module.to(device) leaves it behind.";
  remark.advice = "Register it as a buffer.";
  remark.repair = attribute.is_set ? Repairability::kManual : Repairability::kAutomatic;
  return remark;
}

Remark about_devices(const Attribute& attribute) {
  Remark remark;
  remark.message = "The attribute " + attribute.path + " keeps a device (" +
                   attribute.value.type()->repr_str() +
                   "), which neither module.to(device) nor torch::jit::load changes.";
  remark.advice = "Ask an input for its device instead.";
  remark.repair = Repairability::kManual;
  return remark;
}

}  // namespace

/// A tensor, list, dict or Device attribute that stays when the module moves.
void stranded_attribute(const RuleContext& context, const std::function<void(Remark)>& say) {
  for (const Attribute& attribute : context.program.attributes()) {
    if (attribute.is_parameter || attribute.is_buffer) continue;
    const Held held = look_into(context.program, attribute.value);
    if (!held.tensor && !held.device) continue;
    Remark remark = held.tensor ? about_tensors(attribute) : about_devices(attribute);
    remark.attribute = attribute.path;
    say(std::move(remark));
  }
}

}  // namespace crosstrace::rules
