// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/graph/attribute_path.h>
#include <crosstrace/graph/detail/inliner.h>
#include <crosstrace/graph/program.h>

#include <set>
#include <unordered_set>
#include <utility>

namespace crosstrace {
namespace {

namespace jit = torch::jit;

struct Placed {
  std::string path;
  jit::Module module;
};

/// The module and its submodules, each object once, under its first path.
class Submodules {
 public:
  explicit Submodules(const jit::Module& module) { visit(module, ""); }

  const std::vector<Placed>& placed() const { return placed_; }

  std::vector<jit::Module> modules() const {
    std::vector<jit::Module> modules;
    for (const Placed& item : placed_) modules.push_back(item.module);
    return modules;
  }

 private:
  void visit(const jit::Module& module, const std::string& path) {
    if (!seen_.insert(module._ivalue().get()).second) return;
    placed_.push_back({path, module});
    for (const auto& child : module.named_children()) {
      visit(child.value, join_path(path, child.name));
    }
  }

  std::vector<Placed> placed_;
  std::unordered_set<const void*> seen_;
};

/// Two instances of one class share the class's graphs, so each is listed once.
std::vector<InlinedMethod> collect_methods(const std::vector<Placed>& placed,
                                           const detail::Inliner& inliner) {
  std::vector<InlinedMethod> methods;
  std::unordered_set<const jit::Function*> seen;
  for (const Placed& item : placed) {
    for (const jit::Method& method : item.module.get_methods()) {
      if (!seen.insert(&method.function()).second) continue;
      methods.push_back({join_path(item.path, method.name()), item.path, item.module,
                         method.graph(), inliner.is_called(method.function())});
    }
  }
  return methods;
}

void mark_entries(std::vector<InlinedMethod>& methods) {
  std::set<std::string> called;  // Names of methods that calls may mean which are still there.
  for (const InlinedMethod& method : methods) {
    for_each_node(*method.graph->block(), [&](jit::Node& node) {
      if (node.kind() == c10::prim::CallMethod) called.insert(node.s(c10::attr::name));
    });
  }
  for (InlinedMethod& method : methods) {
    const std::string name = method.name.substr(method.name.rfind('.') + 1);
    method.is_entry = !method.reached && (method.module_path.empty() || called.contains(name));
  }
}

using AssignedAttributes = std::set<std::pair<const c10::Type*, std::string>>;

/// Classes and the names of their attributes that some method assigns.
AssignedAttributes assigned_attributes(const std::vector<InlinedMethod>& methods) {
  AssignedAttributes assigned;
  for (const InlinedMethod& method : methods) {
    for_each_node(*method.graph->block(), [&](jit::Node& node) {
      if (node.kind() == c10::prim::SetAttr) {
        assigned.emplace(node.input(0)->type().get(), node.s(c10::attr::name));
      }
    });
  }
  return assigned;
}

/// `to` moves buffers only if their type is Tensor, not Optional[Tensor]: BufferPolicy of
/// torch/csrc/jit/api/module.h.
bool is_moved_buffer(const c10::ClassType& type, std::size_t slot) {
  return type.is_buffer(slot) && type.getAttribute(slot)->isSubtypeOf(*c10::TensorType::get());
}

std::vector<Attribute> collect_attributes(const std::vector<Placed>& placed,
                                          const AssignedAttributes& assigned) {
  std::vector<Attribute> attributes;
  for (const Placed& item : placed) {
    const auto type = item.module.type();
    for (std::size_t i = 0; i < type->numAttributes(); ++i) {
      if (type->getAttribute(i)->is_module()) continue;
      const std::string name = type->getAttributeName(i);
      const c10::IValue value = item.module._ivalue()->getSlot(i);
      if (value.isModule()) continue;  // Behind an interface.
      attributes.push_back({join_path(item.path, name), item.module, name, value,
                            type->is_parameter(i), is_moved_buffer(*type, i),
                            assigned.count({type.get(), name}) > 0});
    }
  }
  return attributes;
}

}  // namespace

Program::Program(jit::Module module) : module_(std::move(module)) {
  const Submodules submodules(module_);
  detail::Inliner inliner(submodules.modules());
  for (const Placed& item : submodules.placed()) {
    for (jit::Function* method : item.module.type()->methods()) inliner.inline_method(*method);
  }
  methods_ = collect_methods(submodules.placed(), inliner);
  mark_entries(methods_);
  attributes_ = collect_attributes(submodules.placed(), assigned_attributes(methods_));
  for (const Attribute& attribute : attributes_) {
    const bool moves = attribute.is_parameter || attribute.is_buffer;
    if (moves && attribute.value.isTensor()) {
      moving_.insert(attribute.value.toTensor().unsafeGetTensorImpl());
    }
  }
}

const InlinedMethod* Program::find_method(const std::string& name) const {
  for (const InlinedMethod& method : methods_) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

bool is_main(const Program& program, const InlinedMethod& method) {
  const bool has_forward = program.find_method("forward") != nullptr;
  return has_forward ? method.name == "forward" : method.is_entry;
}

std::string module_path(const InlinedMethod& method, const jit::Node& node) {
  std::string path = method.module_path;
  if (auto stack = node.callstack()) {
    for (; stack; stack = (*stack)->callee()) path = join_path(path, (*stack)->function_name());
    return path;
  }
  // A trace of a C++ module is one method: only its parameters tell which submodule was at work.
  for (const jit::Value* input : node.inputs()) {
    auto names = attribute_path(input);
    if (!names || names->empty()) continue;
    names->pop_back();
    return join_path(path, join_names(*names));
  }
  return path;
}

}  // namespace crosstrace
