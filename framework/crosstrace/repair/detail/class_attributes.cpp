// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/graph/attribute_reads.h>
#include <crosstrace/repair/detail/class_attributes.h>

#include <set>

namespace crosstrace::detail {
namespace {

namespace jit = torch::jit;

void collect(const jit::Module& module, std::set<const void*>& known,
             std::vector<jit::Module>& modules) {
  if (!known.insert(module._ivalue().get()).second) return;
  modules.push_back(module);
  for (const c10::IValue& value : module._ivalue()->slots()) {
    if (value.isModule()) collect(value.toModule(), known, modules);
  }
}

/// The module and its submodules, those behind interfaces too, each once.
std::vector<jit::Module> modules_of(const Program& program) {
  std::set<const void*> known;
  std::vector<jit::Module> modules;
  collect(program.module(), known, modules);
  return modules;
}

/// The class of the module that every instance holds there; null if they differ.
c10::ClassTypePtr common_class(const std::vector<jit::Module>& instances, std::size_t slot) {
  c10::ClassTypePtr common;
  for (const jit::Module& instance : instances) {
    const c10::IValue value = instance._ivalue()->getSlot(slot);
    if (!value.isModule()) return nullptr;
    const c10::ClassTypePtr type = value.toObjectRef().type();
    if (common && common.get() != type.get()) return nullptr;
    common = type;
  }
  return common;
}

void uncover(const Program& program, const c10::ClassTypePtr& type) {
  for (std::size_t i = 0; i < type->numAttributes(); ++i) {
    if (type->getAttribute(i)->kind() != c10::TypeKind::InterfaceType) continue;
    const c10::ClassTypePtr own = common_class(instances_of(program, type), i);
    if (!own) continue;
    const std::string& name = type->getAttributeName(i);
    type->unsafeChangeAttributeType(name, own);
    for (const Read& read : reads_of(program, type, name)) read.node->output()->setType(own);
  }
}

}  // namespace

std::vector<jit::Module> instances_of(const Program& program, const c10::ClassTypePtr& type) {
  std::vector<jit::Module> instances;
  for (const jit::Module& module : modules_of(program)) {
    if (module.type() == type) instances.push_back(module);
  }
  return instances;
}

std::string free_name(const c10::ClassType& type, const std::string& wanted) {
  std::string name = wanted;
  for (int i = 1; type.hasAttribute(name) || type.findMethod(name) || type.hasConstant(name); ++i) {
    name = wanted + "_" + std::to_string(i);
  }
  return name;
}

void add_buffer(const Program& program, const c10::ClassTypePtr& type, const std::string& name,
                const std::function<at::Tensor(const jit::Module&)>& value) {
  const std::vector<jit::Module> instances = instances_of(program, type);
  const std::size_t slot = type->addAttribute(name, c10::TensorType::get(), /*is_parameter=*/false,
                                              /*is_buffer=*/true);
  // Instances that were there before have no such slot yet; setSlot makes it
  // (ATen/core/ivalue_inl.h).
  for (const jit::Module& instance : instances) {
    instance._ivalue()->setSlot(slot, value(instance));
  }
}

void remove_attribute(const Program& program, const c10::ClassTypePtr& type,
                      const std::string& name) {
  const std::size_t slot = type->getAttributeSlot(name);
  // A class does not know its instances (ATen/core/class_type.h), whose later slots would be off by
  // one.
  for (const jit::Module& instance : instances_of(program, type)) {
    instance._ivalue()->unsafeRemoveSlot(slot);
  }
  type->unsafeRemoveAttribute(name);
}

void uncover_interfaces(const Program& program) {
  for (const jit::Module& module : modules_of(program)) uncover(program, module.type());
}

}  // namespace crosstrace::detail
