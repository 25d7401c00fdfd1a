// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/graph/attribute_path.h>
#include <crosstrace/graph/attribute_reads.h>
#include <crosstrace/repair/detail/buffers.h>
#include <crosstrace/repair/detail/class_attributes.h>
#include <crosstrace/repair/detail/container_nodes.h>

#include <algorithm>
#include <sstream>

namespace crosstrace::detail {
namespace {

namespace jit = torch::jit;

constexpr const char* kRegister =
    "Register its tensors with register_buffer, and let what forward makes anew take the device "
    "of an argument.";

std::string shape_text(const at::Tensor& tensor) {
  std::ostringstream text;
  text << toString(tensor.scalar_type()) << ' ' << tensor.sizes();
  return std::move(text).str();
}

/// Two tensors of one text here and one storage are one tensor.
std::string layout_text(const at::Tensor& tensor) {
  std::ostringstream text;
  text << shape_text(tensor) << tensor.strides() << tensor.storage_offset();
  return std::move(text).str();
}

/// The submodule at `path` below the method's own module, and the value of it in its graph.
struct Owner {
  jit::Module module;
  std::vector<std::string> path;  ///< From the method's self.
};

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> names;
  std::istringstream text(path);
  for (std::string name; std::getline(text, name, '.');) names.push_back(name);
  return names;
}

/// The module whose code the node is, if it can be reached from self by reading attributes; else
/// self.
Owner owner_of(const InlinedMethod& method, const jit::Node& node) {
  const std::string path = module_path(method, node);
  const std::string& own = method.module_path;
  const Owner self{method.self, {}};
  if (path == own || !path.starts_with(own)) return self;
  Owner owner = self;
  for (const std::string& name : split(path.substr(own.empty() ? 0 : own.size() + 1))) {
    const auto slot = owner.module.type()->findAttributeSlot(name);
    if (!slot || !owner.module.type()->getAttribute(*slot)->is_module()) return self;
    owner.module = owner.module.attr(name).toModule();
    owner.path.push_back(name);
  }
  return owner;
}

bool is_self(const jit::Value& value, const InlinedMethod& method) {
  return value.type()->cast<c10::ClassType>() == method.self.type();
}

EditResult tensor_to_buffer(const Program& program, const Attribute& attribute) {
  const auto type = attribute.owner.type();
  const bool is_optional =
      !type->getAttribute(attribute.name)->isSubtypeOf(*c10::TensorType::get());
  std::map<const void*, at::Tensor> tensors;
  for (const jit::Module& instance : instances_of(program, type)) {
    const c10::IValue value = instance.attr(attribute.name);
    if (!value.isTensor() || (is_optional && attribute.is_set)) {
      return {false, attribute.name + " may be None, so it cannot be a buffer",
              "Register a buffer, and keep in a bool whether it counts."};
    }
    tensors.emplace(instance._ivalue().get(), value.toTensor());
  }
  remove_attribute(program, type, attribute.name);
  add_buffer(program, type, attribute.name,
             [&](const jit::Module& instance) { return tensors.at(instance._ivalue().get()); });
  for (const Read& read : reads_of(program, type, attribute.name)) {
    read.node->output()->setType(c10::TensorType::get());
  }
  return {true, attribute.name + " is a buffer", ""};
}

/// Why the container cannot be taken apart; empty if it can.
std::string why_whole(const Program& program, const Attribute& attribute) {
  const auto structure = structure_of(attribute.value);
  if (!structure) {
    return attribute.name +
           " holds more than tensors, numbers and strings, so it cannot be taken "
           "apart into buffers";
  }
  for (const jit::Module& instance : instances_of(program, attribute.owner.type())) {
    if (structure_of(instance.attr(attribute.name)) != structure) {
      return attribute.name + " holds a different number of tensors in two instances of one class";
    }
  }
  const auto reads = reads_of(program, attribute.owner.type(), attribute.name);
  if (attribute.is_set || is_written(reads)) {
    return attribute.name + " is changed while the model runs, so it cannot be made of buffers";
  }
  return {};
}

/// The buffers that take the container's place, by name, in the order of its tensors.
std::vector<std::string> add_leaves(const Program& program, const Attribute& attribute) {
  const auto type = attribute.owner.type();
  std::vector<std::string> names;
  const auto leaves = leaves_of(attribute.value, attribute.name);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    names.push_back(free_name(*type, leaves[i].name));
    add_buffer(program, type, names.back(), [&](const jit::Module& instance) {
      return leaves_of(instance.attr(attribute.name), attribute.name)[i].tensor;
    });
  }
  return names;
}

EditResult container_to_buffers(const Program& program, const Attribute& attribute) {
  if (const std::string why = why_whole(program, attribute); !why.empty()) {
    return {false, why, kRegister};
  }
  const auto type = attribute.owner.type();
  const std::vector<std::string> names = add_leaves(program, attribute);
  for (const Read& read : reads_of(program, type, attribute.name)) {
    jit::WithInsertPoint before(read.node);
    jit::Graph& graph = *read.node->owningGraph();
    std::size_t next = 0;
    jit::Value* made = rebuild(graph, attribute.value, type->getAttribute(attribute.name), [&] {
      return graph.insertGetAttr(read.node->input(), names[next++]);
    });
    read.node->output()->replaceAllUsesWith(made);
    read.node->destroy();
  }
  remove_attribute(program, type, attribute.name);
  std::string listed;
  for (const std::string& name : names) listed += (listed.empty() ? "" : ", ") + name;
  return {true, attribute.name + " is made of the buffers " + listed, ""};
}

}  // namespace

EditResult Buffers::from_constant(const Program& program, const InlinedMethod& method,
                                  jit::Node& constant) {
  jit::Graph& graph = *constant.owningGraph();
  if (graph.inputs().empty() || !is_self(*graph.inputs().front(), method)) {
    return {false, "the constant is in what prim::fork calls, where self cannot be read",
            "Call a method of the module itself with fork, or register the tensor as a buffer."};
  }
  const at::Tensor tensor = constant.t(c10::attr::value);
  const Owner owner = owner_of(method, constant);
  const auto type = owner.module.type();
  const Key key{type.get(), tensor.storage().unsafeGetStorageImpl(), layout_text(tensor)};
  const auto [entry, is_new] = names_.try_emplace(key);
  if (is_new) {
    entry->second = free_name(*type, "constant");
    add_buffer(program, type, entry->second, [&](const jit::Module&) { return tensor; });
  }
  jit::WithInsertPoint before(&constant);
  jit::Value* self = graph.inputs().front();
  for (const std::string& name : owner.path) self = graph.insertGetAttr(self, name);
  jit::Value* buffer = graph.insertGetAttr(self, entry->second);
  buffer->node()->copyMetadata(&constant);
  constant.output()->replaceAllUsesWith(buffer);
  constant.destroy();
  return {true, "the constant, " + shape_text(tensor) + ", is the buffer " + entry->second, ""};
}

EditResult Buffers::from_attribute(const Program& program, const Attribute& attribute) {
  if (!attribute.owner.type()->is_module()) {
    return {false, attribute.path + " belongs to a TorchScript class, which has no buffers",
            "Register the tensor as a buffer of a module and pass it on."};
  }
  return attribute.value.isTensor() ? tensor_to_buffer(program, attribute)
                                    : container_to_buffers(program, attribute);
}

}  // namespace crosstrace::detail
