// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/flow/detail/interpreter.h>
#include <torch/csrc/jit/ir/constants.h>

namespace crosstrace::detail {
namespace {

namespace prim = c10::prim;
using Kind = AbstractValue::Kind;

/// Lists that are longer are known by one fact for all their elements.
constexpr std::size_t kMaxExact = 1024;

}  // namespace

bool Interpreter::run_structure(Node& node) {
  switch (node.kind()) {
    case prim::Constant:
      return run_constant(node), true;
    case prim::GetAttr:
      return run_get_attribute(node), true;
    case prim::SetAttr:
      return run_set_attribute(node), true;
    case prim::ListConstruct:
    case prim::TupleConstruct: {
      std::vector<AbstractValue> items;
      for (const Value* input : node.inputs()) items.push_back(get(input));
      const bool list = node.kind() == prim::ListConstruct;
      set(node.output(),
          list ? AbstractValue::list(std::move(items)) : AbstractValue::tuple(std::move(items)));
      return true;
    }
    case prim::DictConstruct: {
      AbstractValue dict = AbstractValue::list({});
      dict.contents->is_dict = true;
      for (std::size_t i = 0; i + 1 < node.inputs().size(); i += 2) {
        set_entry(*dict.contents, get(node.input(i)), get(node.input(i + 1)), /*exactly=*/true);
      }
      set(node.output(), std::move(dict));
      return true;
    }
    case prim::TupleUnpack:
    case prim::ListUnpack:
      return run_unpack(node), true;
    case prim::TupleIndex:
      return run_index(node), true;
    case prim::Uninitialized:
      return set(node.output(), AbstractValue()), true;
    case prim::CreateObject:
      locals_.insert(&node);
      return set(node.output(), AbstractValue::of_object(&node)), true;
    case prim::NumToTensor:
      return set(node.output(), AbstractValue::tensor(literal(node, c10::kCPU), 0)), true;
    case prim::unchecked_cast:
    case prim::unchecked_unwrap_optional:
    case c10::aten::_unwrap_optional: {
      AbstractValue fact = get(node.input(0));
      if (fact.is_none()) fact = AbstractValue();
      fact.maybe_none = false;
      return set(node.output(), std::move(fact)), true;
    }
    default:
      return false;
  }
}

void Interpreter::run_constant(Node& node) {
  const auto value = torch::jit::toIValue(node.output());
  set(node.output(),
      value ? fact_of(*value, {&node, ""}, /*moves=*/false, nullptr) : AbstractValue::unknown());
}

c10::Device Interpreter::device_of(const at::Tensor& tensor) const {
  if (scenario_.read_elsewhere && tensor.device().is_cpu()) return to_device(scenario_.home);
  return with_index(tensor.device());
}

AbstractValue Interpreter::tensor_fact(const at::Tensor& tensor, const Origin& origin, bool moves,
                                       Value* anchor) {
  if (!tensor.defined()) return AbstractValue::of({});
  moves = moves || program_.moves(tensor);
  const bool moved =
      scenario_.transfer == Transfer::kLoad || (moves && scenario_.transfer == Transfer::kTo);
  const c10::Device device = moved ? run_device_ : device_of(tensor);
  const bool follows = moves && device == run_device_;
  const auto rank = static_cast<int>(tensor.dim());
  const Extent extent = tensor.numel() == 0 ? Extent::kEmpty : Extent::kFilled;
  if (moved || follows)
    return AbstractValue::tensor(places_.make(device, {}, anchor, extent), rank);
  return AbstractValue::tensor(places_.make(device, {origin}, nullptr, extent), rank);
}

AbstractValue Interpreter::fact_of(const c10::IValue& value, const Origin& origin, bool moves,
                                   Value* anchor) {
  if (value.isTensor()) return tensor_fact(value.toTensor(), origin, moves, anchor);
  if (value.isList() || value.isTuple() || value.isGenericDict()) {
    return container_fact(value, origin, moves);
  }
  if (value.isDevice()) {
    std::vector<Origin> origins;
    if (!origin.attribute.empty()) origins.push_back(origin);
    return AbstractValue::device(places_.make(value.toDevice(), std::move(origins), nullptr));
  }
  if (value.isObject()) {
    const void* object = value.toObject().get();
    if (!value.isModule()) object_attributes_.try_emplace(object, origin.attribute);
    return AbstractValue::of_object(object);
  }
  return AbstractValue::of(value);
}

AbstractValue Interpreter::container_fact(const c10::IValue& value, const Origin& origin,
                                          bool moves) {
  AbstractValue fact = value.isTuple() ? AbstractValue::tuple({}) : AbstractValue::list({});
  Contents& contents = *fact.contents;
  if (value.isGenericDict()) {
    contents.is_dict = true;
    for (const auto& entry : value.toGenericDict()) {
      set_entry(contents, AbstractValue::of(entry.key()),
                fact_of(entry.value(), origin, moves, nullptr),
                /*exactly=*/true);
    }
    return fact;
  }
  const c10::ArrayRef<c10::IValue> items =
      value.isTuple() ? c10::ArrayRef<c10::IValue>(value.toTupleRef().elements())
                      : value.toListRef();
  for (const c10::IValue& item : items) {
    contents.items.push_back(fact_of(item, origin, moves, nullptr));
  }
  if (contents.items.size() > kMaxExact) blur(contents, places_);
  return fact;
}

std::string Interpreter::path_of(const void* object, const std::string& name) const {
  if (const auto held = object_attributes_.find(object); held != object_attributes_.end()) {
    return held->second;
  }
  const auto module = module_paths_.find(object);
  return module == module_paths_.end() ? name : module->second + name;
}

AbstractValue Interpreter::attribute_fact(const void* object, const std::string& name,
                                          Value* anchor) {
  if (const auto known = state_.find({object, name}); known != state_.end()) return known->second;
  if (locals_.count(object) > 0) return AbstractValue::unknown();
  const auto& instance = *static_cast<const c10::ivalue::Object*>(object);
  auto& slots = slots_[instance.type().get()];
  if (slots.empty()) {
    for (std::size_t i = 0; i < instance.type()->numAttributes(); ++i) {
      slots.emplace(instance.type()->getAttributeName(i), i);
    }
  }
  const auto slot = slots.find(name);
  if (slot == slots.end()) return AbstractValue::unknown();
  const c10::IValue& value = instance.getSlot(slot->second);
  // Exports run in evaluation mode.
  if (name == "training" && value.isBool()) return AbstractValue::of(false);
  const bool moves =
      instance.type()->is_parameter(slot->second) ||
      (instance.type()->is_buffer(slot->second) &&
       instance.type()->getAttribute(slot->second)->isSubtypeOf(*c10::TensorType::get()));
  AbstractValue fact =
      fact_of(value, {nullptr, path_of(object, name)}, moves, moves ? anchor : nullptr);
  // All who read the attribute share the list and see what is appended to it.
  if (fact.contents) state_.emplace(std::pair(object, name), fact);
  return fact;
}

void Interpreter::run_get_attribute(Node& node) {
  const AbstractValue owner = get(node.input());
  set(node.output(), owner.kind == Kind::kObject && owner.object != nullptr
                         ? attribute_fact(owner.object, node.s(c10::attr::name), node.output())
                         : AbstractValue::unknown());
}

void Interpreter::run_set_attribute(Node& node) {
  const AbstractValue owner = get(node.input(0));
  if (owner.kind != Kind::kObject) return;
  const std::string& name = node.s(c10::attr::name);
  const AbstractValue value = get(node.input(1));
  if (locals_.count(owner.object) == 0 &&
      !alike(attribute_fact(owner.object, name, nullptr), value)) {
    changed_attributes_ = true;
  }
  state_[{owner.object, name}] = value;
}

void Interpreter::run_unpack(Node& node) {
  const AbstractValue container = get(node.input());
  for (std::size_t i = 0; i < node.outputs().size(); ++i) {
    set(node.output(i),
        element(container, AbstractValue::of(static_cast<int64_t>(i)), node.output(i)));
  }
}

void Interpreter::run_index(Node& node) {
  set(node.output(), element(get(node.input(0)), get(node.input(1)), node.output()));
}

AbstractValue Interpreter::element(const AbstractValue& container, const AbstractValue& index,
                                   Value* result) {
  if (!container.contents) return AbstractValue::unknown();
  const auto at = position(*container.contents, index);
  AbstractValue found =
      at ? container.contents->items[*at] : join_all(*container.contents, places_);
  if (found.kind == Kind::kNothing) return AbstractValue::unknown();
  // An element of an input can be followed as an input can.
  if (found.kind == Kind::kTensor && found.places.size() == 1 && found.places[0] == input_place_) {
    found.places[0] = places_.make(run_device_, {}, result);
  }
  return found;
}

}  // namespace crosstrace::detail
