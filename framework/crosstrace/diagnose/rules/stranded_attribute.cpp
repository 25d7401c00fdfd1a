// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/diagnose/rule.h>
#include <crosstrace/graph/attribute_reads.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace crosstrace::rules {
namespace {

struct Held {
  bool tensor = false;
  bool device = false;
  std::string opaque;  ///< A C++ class of which there is an object.
};

/// `tensorrt.Engine` of `__torch__.torch.classes.tensorrt.Engine`.
std::string class_name(const c10::IValue& object) {
  constexpr std::string_view kClasses = "__torch__.torch.classes.";
  const auto& name = object.toObjectRef().type()->name();
  const std::string text = name ? name->qualifiedName() : "without a name";
  return text.starts_with(kClasses) ? text.substr(kClasses.size()) : text;
}

Held look_into(const Program& program, const c10::IValue& value) {
  Held held;
  value.visit([&](const c10::IValue& part) {
    const bool stays =
        part.isTensor() && part.toTensor().defined() && !program.moves(part.toTensor());
    held.tensor = held.tensor || stays;
    held.device = held.device || part.isDevice();
    if (part.isCustomClass()) held.opaque = class_name(part);
    return part.isModule();
  });
  return held;
}

/// Whether a cell fails of it, no graph tells.
Remark about_objects(const Attribute& attribute, const std::string& name) {
  Remark remark;
  remark.message = "The attribute " + attribute.path + " holds an object of the C++ class " + name +
                   ", which cannot be looked into: module.to(device) leaves it as it is, with all "
                   "tensors in it.";
  remark.advice =
      "Load the archive onto the device that it runs on, or let the class follow its arguments.";
  remark.repair = Repairability::kManual;
  return remark;
}

/// What calls change cannot be made of buffers. Asked once for all instances of a class.
class Changes {
 public:
  explicit Changes(const Program& program) : program_(program) {}

  bool any(const Attribute& attribute) {
    const c10::ClassTypePtr type = attribute.owner.type();
    if (attribute.value.isTensor()) return attribute.is_set && may_be_none(*type, attribute.name);
    if (attribute.is_set) return true;
    const auto [entry, is_new] = known_.try_emplace({type.get(), attribute.name});
    if (is_new) entry->second = is_written(reads_of(program_, type, attribute.name));
    return entry->second;
  }

 private:
  static bool may_be_none(const c10::ClassType& type, const std::string& name) {
    return !type.getAttribute(name)->isSubtypeOf(*c10::TensorType::get());
  }

  const Program& program_;
  std::map<std::pair<const c10::ClassType*, std::string>, bool> known_;
};

Remark about_tensors(const Attribute& attribute, bool is_changed) {
  Remark remark;
  const std::string what = attribute.value.isTensor()
                               ? "is a tensor"
                               : "holds tensors in a " + attribute.value.type()->annotation_str();
  remark.message = "The attribute " + attribute.path + " " + what +
                   " that is neither parameter nor buffer, so module.to(device) leaves it behind.";
  remark.advice = "Register it as a buffer.";
  remark.repair = is_changed ? Repairability::kManual : Repairability::kAutomatic;
  return remark;
}

Remark about_devices(const Attribute& attribute) {
  Remark remark;
  remark.message = "The attribute " + attribute.path + " keeps a device (" +
                   attribute.value.type()->annotation_str() +
                   "), which neither module.to(device) nor torch::jit::load changes.";
  remark.advice = "Ask an input for its device instead.";
  remark.repair = attribute.value.isDevice() ? Repairability::kAutomatic : Repairability::kManual;
  return remark;
}

}  // namespace

/// A tensor, list, dict or Device attribute that stays when the module moves.
void stranded_attribute(const RuleContext& context, const std::function<void(Remark)>& say) {
  Changes changes(context.program);
  for (const Attribute& attribute : context.program.attributes()) {
    if (attribute.is_parameter || attribute.is_buffer) continue;
    const Held held = look_into(context.program, attribute.value);
    if (!held.tensor && !held.device && held.opaque.empty()) continue;
    Remark remark = held.tensor   ? about_tensors(attribute, changes.any(attribute))
                    : held.device ? about_devices(attribute)
                                  : about_objects(attribute, held.opaque);
    remark.attribute = attribute.path;
    say(std::move(remark));
  }
}

}  // namespace crosstrace::rules
