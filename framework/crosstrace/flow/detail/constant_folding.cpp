// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/flow/detail/interpreter.h>
#include <torch/csrc/jit/ir/constants.h>

#include <string_view>
#include <unordered_map>

// Numbers, strings, devices and None, as far as the graph fixes them: what branches depend on.
namespace crosstrace::detail {
namespace {

using Kind = AbstractValue::Kind;

/// `prim::is_cuda` and its like.
std::optional<c10::DeviceType> asked_type(c10::Symbol kind) {
  static const auto* types = new std::unordered_map<std::string_view, c10::DeviceType>{
      {"is_cpu", c10::kCPU},   {"is_cuda", c10::kCUDA}, {"is_xpu", c10::kXPU},
      {"is_mps", c10::kMPS},   {"is_xla", c10::kXLA},   {"is_meta", c10::kMeta},
      {"is_ipu", c10::kIPU},   {"is_hpu", c10::kHPU},   {"is_vulkan", c10::kVulkan},
      {"is_mtia", c10::kMTIA}, {"is_maia", c10::kMAIA}};
  const auto found = types->find(kind.toUnqualString());
  return found == types->end() ? std::nullopt : std::optional(found->second);
}

/// The value of a fact as LibTorch's interpreter would have it; nothing if it is not known.
std::optional<c10::IValue> foldable_value(const AbstractValue& fact, const c10::Type& type) {
  if (fact.kind == Kind::kConstant) return fact.constant;
  if (fact.kind == Kind::kDevice && fact.places.size() == 1) return fact.places[0]->device;
  if (fact.kind != Kind::kList || !fact.contents->exact || type.kind() != c10::TypeKind::ListType) {
    return std::nullopt;
  }
  const c10::TypePtr element = type.containedType(0);
  c10::impl::GenericList list(element);
  for (const AbstractValue& item : fact.contents->items) {
    auto value = foldable_value(item, *element);
    if (!value) return std::nullopt;
    list.push_back(std::move(*value));
  }
  return c10::IValue(std::move(list));
}

struct AskedTensor {
  const torch::jit::Value* tensor;
  bool true_if_filled;
};

bool counts_elements(const torch::jit::Node& node) {
  static const c10::Symbol kNumel = c10::Symbol::fromQualString("aten::numel");
  return (node.kind() == c10::aten::len || node.kind() == kNumel) &&
         node.input(0)->type()->kind() == c10::TypeKind::TensorType;
}

/// The tensor of whose elements a condition asks whether there are any: `bool(len(t))`,
/// `t.numel() > 0`, `not ...`.
std::optional<AskedTensor> tensor_asked(const torch::jit::Value* condition) {
  const torch::jit::Node& node = *condition->node();
  if (node.kind() == c10::aten::__not__) {
    auto asked = tensor_asked(node.input(0));
    if (asked) asked->true_if_filled = !asked->true_if_filled;
    return asked;
  }
  const bool compares =
      node.kind() == c10::aten::gt || node.kind() == c10::aten::ne || node.kind() == c10::aten::eq;
  if (node.kind() != c10::aten::Bool && !compares) return std::nullopt;
  if (!counts_elements(*node.input(0)->node())) return std::nullopt;
  if (compares) {
    const auto bound = torch::jit::toIValue(node.input(1));
    if (!bound || !bound->isInt() || bound->toInt() != 0) return std::nullopt;
  }
  return AskedTensor{node.input(0)->node()->input(0), node.kind() != c10::aten::eq};
}

const DeviceOrigin* source_of(const AbstractValue& fact) {
  return fact.kind == Kind::kDevice && !fact.places.empty() ? fact.places[0] : fact.source;
}

}  // namespace

bool Interpreter::evaluate(Node& node) {
  if (node.outputs().size() != 1 || node.inputs().empty()) return false;
  if (node.kind() == c10::aten::__is__ || node.kind() == c10::aten::__isnot__) {
    return evaluate_identity(node);
  }
  return evaluate_about_tensor(node) || evaluate_about_extent(node) || evaluate_by_running(node);
}

bool Interpreter::evaluate_about_tensor(Node& node) {
  const AbstractValue& tensor = get(node.input(0));
  if (tensor.kind != Kind::kTensor) return false;
  if (node.kind() == c10::prim::device) {
    AbstractValue device = tensor;
    device.kind = tensor.places.empty() ? Kind::kUnknown : Kind::kDevice;
    set(node.output(), std::move(device));
    return true;
  }
  if (node.kind() == c10::aten::dim && tensor.rank >= 0) {
    set(node.output(), AbstractValue::of(int64_t{tensor.rank}));
    return true;
  }
  const auto type = node.kind().is_prim() ? asked_type(node.kind()) : std::nullopt;
  if (!type || tensor.places.size() != 1) return false;
  const DeviceOrigin* place = tensor.places[0];
  set(node.output(), AbstractValue::of(place->device.type() == *type, place));
  return true;
}

/// `bool(len(state))`.
bool Interpreter::evaluate_about_extent(Node& node) {
  const auto asked = tensor_asked(node.output());
  if (!asked) return false;
  const AbstractValue& tensor = get(asked->tensor);
  if (tensor.kind != Kind::kTensor || tensor.places.empty()) return false;
  const Extent extent = tensor.places[0]->extent;
  for (const DeviceOrigin* place : tensor.places) {
    if (place->extent != extent) return false;
  }
  if (extent == Extent::kUnknown) return false;
  set(node.output(), AbstractValue::of((extent == Extent::kFilled) == asked->true_if_filled));
  return true;
}

/// In a branch that asks whether a tensor has elements, it has, or has not.
Interpreter::Assumed Interpreter::assume_extent(const Value* condition, bool holds) {
  const auto asked = tensor_asked(condition);
  if (!asked) return {};
  AbstractValue tensor = get(asked->tensor);
  if (tensor.kind != Kind::kTensor) return {};
  const Extent excluded = asked->true_if_filled == holds ? Extent::kEmpty : Extent::kFilled;
  const AbstractValue all = tensor;
  tensor.places.clear();
  for (const DeviceOrigin* place : all.places) {
    if (place->extent != excluded) tensor.places.push_back(place);
  }
  if (tensor.places.empty()) return {};
  set(asked->tensor, std::move(tensor));
  return {asked->tensor, all};
}

bool Interpreter::evaluate_identity(Node& node) {
  const AbstractValue& a = get(node.input(0));
  const AbstractValue& b = get(node.input(1));
  const bool wanted = node.kind() == c10::aten::__is__;
  const AbstractValue& other = a.is_none() ? b : a;
  const bool one_is_none = a.is_none() || b.is_none();
  const bool told = other.kind != Kind::kUnknown && other.kind != Kind::kNothing;
  if (!one_is_none || !told || other.maybe_none) {
    set(node.output(), AbstractValue::unknown());
  } else {
    set(node.output(), AbstractValue::of(other.is_none() == wanted));
  }
  return true;
}

bool Interpreter::evaluate_by_running(Node& node) {
  const torch::jit::Operator* op = node.maybeOperator();
  if (op == nullptr || !infos_.of(*op).evaluable || node.hasSideEffects()) return false;
  torch::jit::Stack stack;
  const DeviceOrigin* source = nullptr;
  for (const Value* input : node.inputs()) {
    const AbstractValue& fact = get(input);
    auto value = foldable_value(fact, *input->type());
    if (!value) return set(node.output(), AbstractValue::unknown()), true;
    stack.push_back(std::move(*value));
    if (source == nullptr) source = source_of(fact);
  }
  try {
    op->getOperation (&node)(stack);
    set(node.output(), result_fact(std::move(stack.back()), source));
  } catch (const std::exception&) {
    set(node.output(),
        AbstractValue::unknown());  // It will raise, or depends on what is not known here.
  }
  return true;
}

AbstractValue Interpreter::result_fact(c10::IValue value, const DeviceOrigin* source) {
  if (value.isDevice()) {
    return AbstractValue::device(
        source == nullptr ? places_.make(value.toDevice(), {}, nullptr)
                          : places_.make(value.toDevice(), source->origins, source->anchor));
  }
  if (value.isList()) {
    std::vector<AbstractValue> items;
    for (const c10::IValue& item : value.toListRef()) items.push_back(result_fact(item, source));
    return AbstractValue::list(std::move(items));
  }
  return AbstractValue::of(std::move(value), source);
}

}  // namespace crosstrace::detail
