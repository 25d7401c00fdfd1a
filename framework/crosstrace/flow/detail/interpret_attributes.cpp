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

/// `to` moves parameters and those buffers that are declared to be tensors, of modules alone.
bool is_moved_by_to(const c10::ClassType& type, std::size_t slot) {
  if (!type.is_module()) return false;
  return type.is_parameter(slot) ||
         (type.is_buffer(slot) && type.getAttribute(slot)->isSubtypeOf(*c10::TensorType::get()));
}

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
    case prim::CallMethod:
      return run_method_call(node), true;
    case c10::aten::wait:
      return set(node.output(), get(node.input())), true;
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
  AbstractValue fact =
      AbstractValue::tensor(moved || follows ? places_.make(device, {}, anchor, extent)
                                             : places_.make(device, {origin}, nullptr, extent),
                            rank);
  fact.is_single = tensor.numel() == 1;
  return fact;
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
  const bool moves = is_moved_by_to(*instance.type(), slot->second);
  AbstractValue fact =
      fact_of(value, {nullptr, path_of(object, name)}, moves, moves ? anchor : nullptr);
  // All who read the attribute share the list and see what is appended to it.
  if (fact.contents) state_.emplace(std::pair(object, name), fact);
  return fact;
}

void Interpreter::run_get_attribute(Node& node) {
  const AbstractValue owner = get(node.input());
  AbstractValue found;
  for (const void* object : owner.objects) {
    found = join(found, attribute_fact(object, node.s(c10::attr::name), node.output()), places_);
  }
  set(node.output(), owner.objects.empty() ? AbstractValue::unknown() : std::move(found));
}

const c10::ClassType& Interpreter::class_of(const void* object) const {
  if (locals_.count(object) > 0) {
    return *static_cast<const Node*>(object)->output()->type()->castRaw<c10::ClassType>();
  }
  return *static_cast<const c10::ivalue::Object*>(object)->type();
}

/// Also of objects, which may hold each other.
void Interpreter::visit_all_tensors(const AbstractValue& fact,
                                    std::unordered_set<const void*>& seen, const Visit& visit) {
  if (fact.kind == Kind::kTensor) visit(fact);
  if (fact.contents) {
    const std::vector<AbstractValue> items = fact.contents->items;
    for (const AbstractValue& item : items) visit_all_tensors(item, seen, visit);
  }
  for (const void* object : fact.objects) {
    if (!seen.insert(object).second) continue;
    const c10::ClassType& type = class_of(object);
    for (std::size_t i = 0; i < type.numAttributes(); ++i) {
      visit_all_tensors(attribute_fact(object, type.getAttributeName(i), nullptr), seen, visit);
    }
  }
}

void Interpreter::run_set_attribute(Node& node) {
  const AbstractValue owner = get(node.input(0));
  if (owner.kind != Kind::kObject) return;
  const std::string& name = node.s(c10::attr::name);
  const AbstractValue value = get(node.input(1));
  for (const void* object : owner.objects) {
    const bool is_local = locals_.count(object) > 0;
    const AbstractValue before = attribute_fact(object, name, nullptr);
    if (!is_local && !alike(before, value)) changed_attributes_ = true;
    // Of several objects that it may be, all but one keep what they had.
    const bool is_sure = owner.objects.size() == 1;
    state_[{object, name}] = is_sure ? value : join(before, value, places_);
  }
}

/// All other calls were inlined, or nobody knows what they call. The object of a C++ class is where
/// the module was made, whatever it holds.
void Interpreter::run_method_call(Node& node) {
  run_unknown(node);
  const AbstractValue owner = get(node.input(0));
  const bool stays_home =
      scenario_.home != "unknown" && with_index(to_device(scenario_.home)) == run_device_;
  for (const void* object : owner.objects) {
    const auto held = object_attributes_.find(object);
    if (stays_home || held == object_attributes_.end()) continue;
    Conflict conflict;
    conflict.node = &node;
    conflict.origins = {{nullptr, held->second}};
    conflict.certain = false;
    conflict.is_suspicion = true;
    add_conflict(std::move(conflict));
  }
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
