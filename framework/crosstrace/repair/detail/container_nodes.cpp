// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/repair/detail/container_nodes.h>
#include <torch/csrc/jit/ir/constants.h>

#include <cctype>
#include <sstream>

namespace crosstrace::detail {
namespace {

namespace jit = torch::jit;

struct Child {
  std::string name;  ///< The index, the attribute, or the key as far as it fits an identifier.
  c10::IValue key;   ///< None but for dicts.
  c10::IValue value;
};

std::string key_name(const c10::IValue& key, std::size_t index) {
  if (!key.isString()) return std::to_string(index);
  std::string name;
  for (char c : key.toStringRef()) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

/// Of a TorchScript class.
bool is_object(const c10::IValue& value) {
  return value.isObject() && !value.isModule() && !value.isCustomClass();
}

std::vector<Child> children_of(const c10::IValue& value) {
  std::vector<Child> children;
  const auto add = [&](const c10::IValue& item) {
    children.push_back({std::to_string(children.size()), c10::IValue(), item});
  };
  if (value.isList()) {
    for (const c10::IValue& item : value.toListRef()) add(item);
  } else if (value.isTuple()) {
    for (const c10::IValue& item : value.toTupleRef().elements()) add(item);
  } else if (value.isGenericDict()) {
    for (const auto& item : value.toGenericDict()) {
      children.push_back({key_name(item.key(), children.size()), item.key(), item.value()});
    }
  } else if (is_object(value)) {
    const c10::ivalue::Object& object = value.toObjectRef();
    for (std::size_t i = 0; i < object.slots().size(); ++i) {
      children.push_back({object.type()->getAttributeName(i), c10::IValue(), object.getSlot(i)});
    }
  }
  return children;
}

bool is_container(const c10::IValue& value) {
  return value.isList() || value.isTuple() || value.isGenericDict() || is_object(value);
}

bool is_plain(const c10::IValue& value) {
  return value.isNone() || value.isScalar() || value.isString();
}

std::string printed(const c10::IValue& value) {
  std::ostringstream text;
  text << value.tagKind() << ' ' << value;
  return std::move(text).str();
}

c10::TypePtr without_optional(const c10::TypePtr& type) {
  const auto optional = type->cast<c10::OptionalType>();
  return optional ? optional->getElementType() : type;
}

void collect(const c10::IValue& value, const std::string& name, std::vector<Leaf>& leaves) {
  if (value.isTensor()) leaves.push_back({name, value.toTensor()});
  for (const Child& child : children_of(value)) {
    collect(child.value, name + "_" + child.name, leaves);
  }
}

}  // namespace

std::optional<std::string> structure_of(const c10::IValue& value) {
  if (value.isTensor()) return value.toTensor().defined() ? std::optional("T") : std::nullopt;
  if (is_plain(value)) return printed(value);
  if (!is_container(value)) return std::nullopt;
  std::string text = (is_object(value) ? value.type()->annotation_str() : value.tagKind()) + "(";
  for (const Child& child : children_of(value)) {
    const auto inner = structure_of(child.value);
    if (!inner || !is_plain(child.key)) return std::nullopt;
    text += printed(child.key) + ":" + *inner + ",";
  }
  return text + ")";
}

std::vector<Leaf> leaves_of(const c10::IValue& value, const std::string& name) {
  std::vector<Leaf> leaves;
  collect(value, name, leaves);
  return leaves;
}

namespace {

using NextTensor = std::function<jit::Value*()>;

/// As `Class.__new__(Class)` and an assignment to each attribute do.
jit::Value* rebuild_object(jit::Graph& graph, const c10::IValue& value, const NextTensor& next) {
  const c10::ClassTypePtr type = value.toObjectRef().type();
  jit::Value* object = graph.insertNode(graph.createObject(type))->output();
  for (const Child& child : children_of(value)) {
    jit::Value* held = rebuild(graph, child.value, type->getAttribute(child.name), next);
    graph.insertNode(graph.createSetAttr(object, child.name, held));
  }
  return object;
}

}  // namespace

jit::Value* rebuild(jit::Graph& graph, const c10::IValue& value, c10::TypePtr type,
                    const std::function<jit::Value*()>& next_tensor) {
  if (value.isTensor()) return next_tensor();
  if (is_plain(value)) return graph.insertConstant(value);
  if (is_object(value)) return rebuild_object(graph, value, next_tensor);
  type = without_optional(type);
  const auto types = type->containedTypes();
  std::vector<jit::Value*> keys, values;
  for (const Child& child : children_of(value)) {
    if (value.isGenericDict()) keys.push_back(graph.insertConstant(child.key));
    const c10::TypePtr inner = value.isTuple() ? types.at(values.size()) : types.back();
    values.push_back(rebuild(graph, child.value, inner, next_tensor));
  }
  jit::Node* made = nullptr;
  if (value.isTuple()) {
    const auto tuple = type->expect<c10::TupleType>();
    made = graph.createTuple(values, tuple->schema() ? tuple : nullptr);
  } else if (value.isList()) {
    made = graph.createList(types.front(), values);
  } else {
    made = graph.createDict(types.front(), types.back(), keys, values);
  }
  return graph.insertNode(made)->output();
}

}  // namespace crosstrace::detail
