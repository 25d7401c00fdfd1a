// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/class_type.h>
#include <crosstrace/archive/detail/empty_values.h>
#include <crosstrace/archive/detail/stored_state.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace crosstrace::detail {
namespace {

namespace jit = torch::jit;
using Known = std::optional<c10::IValue>;  ///< Nothing: an operator would have to tell.

constexpr int kDeepest = 16;        // Calls within calls, and types within types.
constexpr int kMostNodes = 10'000;  // Of one object.

/// Unpickled lists and dicts do not know what is in them; the type that is declared does.
void tell_types(const c10::IValue& value, const c10::Type& type, int depth = 0) {
  if (depth > kDeepest) return;
  if (type.kind() == c10::TypeKind::OptionalType && !value.isNone()) {
    return tell_types(value, *type.containedType(0), depth + 1);
  }
  if (type.kind() == c10::TypeKind::ListType && value.isList()) {
    value.toList().unsafeSetElementType(type.containedType(0));
    for (const c10::IValue& element : value.toListRef()) {
      tell_types(element, *type.containedType(0), depth + 1);
    }
  } else if (type.kind() == c10::TypeKind::DictType && value.isGenericDict()) {
    auto dict = value.toGenericDict();
    dict.unsafeSetKeyType(type.containedType(0));
    dict.unsafeSetValueType(type.containedType(1));
    for (const auto& entry : dict) tell_types(entry.value(), *type.containedType(1), depth + 1);
  } else if (type.kind() == c10::TypeKind::TupleType && value.isTuple()) {
    const auto& elements = value.toTupleRef().elements();
    for (std::size_t i = 0; i < std::min(elements.size(), type.containedTypeSize()); ++i) {
      tell_types(elements[i], *type.containedType(i), depth + 1);
    }
  }
}

class StateReader {
 public:
  explicit StateReader(const EmptyValues& empty) : empty_(empty) {}

  /// @returns what the function returns; nothing if it is in C++, or that cannot be told.
  Known call(jit::Function& function, const std::vector<Known>& arguments) {
    const auto* graph_function = jit::tryToGraphFunction(function);
    if (graph_function == nullptr || depth_ >= kDeepest) return std::nullopt;
    const jit::Block& block = *graph_function->graph()->block();
    if (block.inputs().size() != arguments.size()) return std::nullopt;
    ++depth_;
    for (std::size_t i = 0; i < arguments.size(); ++i) set(*block.inputs()[i], arguments[i]);
    run(block);
    --depth_;
    return block.outputs().size() == 1 ? get(*block.outputs()[0]) : std::nullopt;
  }

 private:
  void run(const jit::Block& block) {
    for (const jit::Node* node : const_cast<jit::Block&>(block).nodes()) {
      if (++nodes_ > kMostNodes) return;
      follow(*node);
    }
  }

  Known get(const jit::Value& value) const {
    const auto found = values_.find(&value);
    return found == values_.end() ? std::nullopt : found->second;
  }

  void set(const jit::Value& value, Known known) { values_[&value] = std::move(known); }

  std::vector<Known> inputs_of(const jit::Node& node, std::size_t first = 0) const {
    std::vector<Known> inputs;
    for (std::size_t i = first; i < node.inputs().size(); ++i)
      inputs.push_back(get(*node.input(i)));
    return inputs;
  }

  void follow(const jit::Node& node) {
    switch (node.kind()) {
      case c10::prim::SetAttr:
        return set_attribute(node);
      case c10::prim::If:
        return follow_branch(node);
      case c10::prim::TupleUnpack:
      case c10::prim::ListUnpack:
        return unpack(node);
      default:
        if (node.outputs().size() == 1) set(*node.output(), result_of(node));
    }
  }

  Known result_of(const jit::Node& node) {
    switch (node.kind()) {
      case c10::prim::Constant:
        return jit::toIValue(node.output());
      case c10::prim::GetAttr:
        return attribute(node);
      case c10::prim::CreateObject:
        return empty_.of(node.output()->type());
      case c10::prim::CallMethod:
        return call_method(node);
      case c10::prim::CallFunction:
        return call(*node.input(0)->type()->expect<c10::FunctionType>()->function(),
                    inputs_of(node, 1));
      case c10::prim::TupleConstruct:
        return tuple_of(node);
      case c10::prim::TupleIndex:
      case c10::aten::__getitem__:
        return element(node);
      case c10::prim::unchecked_cast:
      case c10::prim::unchecked_unwrap_optional:
      case c10::aten::_unwrap_optional:
        return get(*node.input(0));
      case c10::aten::__is__:
      case c10::aten::__isnot__:
        return compare_with_none(node);
      case c10::aten::__not__:
        if (const Known value = get(*node.input(0)); value && value->isBool())
          return !value->toBool();
        return std::nullopt;
      default:
        return std::nullopt;
    }
  }

  void set_attribute(const jit::Node& node) {
    const Known owner = get(*node.input(0));
    if (!owner || !owner->isObject()) return;
    const auto object = owner->toObject();
    const std::size_t slot = object->type()->getAttributeSlot(node.s(c10::attr::name));
    const c10::TypePtr& type = object->type()->getAttribute(slot);
    const Known value = is_sure_ ? get(*node.input(1)) : std::nullopt;
    if (value) tell_types(*value, *type);
    object->setSlot(slot, value ? *value : empty_.of(type));
  }

  Known attribute(const jit::Node& node) const {
    const Known owner = get(*node.input(0));
    if (!owner || !owner->isObject()) return std::nullopt;
    const c10::IValue value = owner->toObject()->getAttr(node.s(c10::attr::name));
    return value.isNone() ? std::nullopt : Known(value);
  }

  Known call_method(const jit::Node& node) {
    const auto type = node.input(0)->type()->cast<c10::ClassType>();
    jit::Function* method = type ? type->findMethod(node.s(c10::attr::name)) : nullptr;
    return method == nullptr ? std::nullopt : call(*method, inputs_of(node));
  }

  Known tuple_of(const jit::Node& node) const {
    std::vector<c10::IValue> elements;
    for (const Known& input : inputs_of(node)) {
      if (!input) return std::nullopt;
      elements.push_back(*input);
    }
    return c10::ivalue::Tuple::create(std::move(elements));
  }

  static std::vector<c10::IValue> elements_of(const Known& value) {
    if (value && value->isTuple()) {
      const auto& elements = value->toTupleRef().elements();
      return std::vector<c10::IValue>(elements.begin(), elements.end());
    }
    if (value && value->isList()) return value->toListRef().vec();
    return {};
  }

  Known element(const jit::Node& node) const {
    const Known container = get(*node.input(0)), index = get(*node.input(1));
    if (!container || !index) return std::nullopt;
    if (container->isGenericDict()) {
      const auto dict = container->toGenericDict();
      const auto found = dict.find(*index);
      return found == dict.end() ? std::nullopt : Known(found->value());
    }
    const std::vector<c10::IValue> elements = elements_of(container);
    if (!index->isInt()) return std::nullopt;
    const std::int64_t size = static_cast<std::int64_t>(elements.size());
    const std::int64_t at = index->toInt() + (index->toInt() < 0 ? size : 0);
    return at >= 0 && at < size ? Known(elements[at]) : std::nullopt;
  }

  void unpack(const jit::Node& node) {
    const std::vector<c10::IValue> elements = elements_of(get(*node.input(0)));
    for (std::size_t i = 0; i < node.outputs().size(); ++i) {
      set(*node.output(i), i < elements.size() ? Known(elements[i]) : std::nullopt);
    }
  }

  Known compare_with_none(const jit::Node& node) const {
    const Known left = get(*node.input(0)), right = get(*node.input(1));
    if (!left || !right || !right->isNone()) return std::nullopt;
    return left->isNone() == (node.kind() == c10::aten::__is__);
  }

  /// Of an unknown condition both ways are followed, and nothing that they assign is taken for sure.
  void follow_branch(const jit::Node& node) {
    const Known condition = get(*node.input(0));
    if (!condition || !condition->isBool()) {
      const bool was_sure = std::exchange(is_sure_, false);
      for (const jit::Block* block : node.blocks()) run(*block);
      is_sure_ = was_sure;
      return;
    }
    const jit::Block& taken = *node.blocks().at(condition->toBool() ? 0 : 1);
    run(taken);
    for (std::size_t i = 0; i < node.outputs().size(); ++i) {
      set(*node.output(i), get(*taken.outputs()[i]));
    }
  }

  const EmptyValues& empty_;
  std::unordered_map<const jit::Value*, Known> values_;
  int depth_ = 0;
  int nodes_ = 0;
  bool is_sure_ = true;
};

}  // namespace

void restore_state(const c10::intrusive_ptr<c10::ivalue::Object>& object, c10::IValue state) {
  const auto type = object->type();
  const EmptyValues empty(object->compilation_unit());
  jit::Function& set_state = type->getMethod("__setstate__");
  const auto& arguments = set_state.getSchema().arguments();
  if (arguments.size() == 2) tell_types(state, *arguments[1].type());
  StateReader(empty).call(set_state, {c10::IValue(object), std::move(state)});
  for (std::size_t i = 0; i < type->numAttributes(); ++i) {
    if (object->getSlot(i).isNone()) object->setSlot(i, empty.of(type->getAttribute(i)));
  }
}

}  // namespace crosstrace::detail
