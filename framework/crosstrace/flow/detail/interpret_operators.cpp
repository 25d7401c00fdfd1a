// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/flow/detail/element_count.h>
#include <crosstrace/flow/detail/interpreter.h>
#include <crosstrace/flow/detail/shape_inference.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>

namespace crosstrace::detail {
namespace {

using Kind = AbstractValue::Kind;
using c10::TypeKind;

/// A Python number in a trace is a tensor constant of no dims. As the second argument of these four
/// LibTorch makes it a number again before the first call, so that it meets nothing on any device
/// (CanonicalizeOps, passes/canonicalize_graph_fuser_ops.cpp).
bool is_folded(const torch::jit::Node& node, const OperatorInfo& info, std::size_t argument) {
  const bool folds = info.name == "add.Tensor" || info.name == "sub.Tensor" ||
                     info.name == "mul.Tensor" || info.name == "div.Tensor";
  if (!folds || argument != 1) return false;
  const auto constant = torch::jit::toIValue(node.input(1));
  return constant && constant->isTensor() && constant->toTensor().dim() == 0;
}

}  // namespace

void Interpreter::run_operator(Node& node) {
  const torch::jit::Operator* op = node.maybeOperator();
  if (op == nullptr || op->schema().is_vararg() || op->schema().is_varret()) {
    return run_unknown(node);
  }
  const OperatorInfo& info = infos_.of(*op);
  std::vector<const AbstractValue*> arguments;
  for (const Value* input : node.inputs()) (void)get(input);  // From here on none is inserted.
  static const auto* number = new AbstractValue(AbstractValue::of(0));
  for (std::size_t i = 0; i < node.inputs().size(); ++i) {
    arguments.push_back(is_folded(node, info, i) ? number : &get(node.input(i)));
  }
  DeviceOriginSet places = place_results(node, info, arguments);
  const int rank = result_rank(info, arguments);
  for (const DeviceOrigin*& place : places)
    place = with_extent(place, result_extent(info, arguments));
  std::vector<AbstractValue> results;
  for (std::size_t i = 0; i < node.outputs().size(); ++i) {
    const int alias = info.placement == ResultPlacement::kFollows ? info.aliased[i] : -1;
    const bool is_argument = alias >= 0 && arguments[alias]->kind == Kind::kTensor &&
                             node.output(i)->type()->kind() == TypeKind::TensorType;
    results.push_back(result_of(*node.output(i)->type(),
                                is_argument ? arguments[alias]->places : places,
                                i == 0 ? rank : AbstractValue::kUnknownRank));
  }
  if (!results.empty() && results[0].kind == Kind::kTensor) {
    results[0].is_single = result_is_single(info, arguments);
  }
  if (info.name ==
      "_pack_padded_sequence") {  // Its batch sizes are on the CPU, as its lengths are.
    results[1] = AbstractValue::tensor(places_.make(c10::kCPU, {}, nullptr), 1);
  }
  for (std::size_t i = 0; i < results.size(); ++i) set(node.output(i), std::move(results[i]));
}

/// Nothing is known of the extent of a result, save of a tensor that is made empty.
const DeviceOrigin* Interpreter::with_extent(const DeviceOrigin* place, Extent extent) {
  if (place->extent == extent) return place;
  auto& same = with_extent_[{place, extent}];
  if (same == nullptr) same = places_.make(place->device, place->origins, place->anchor, extent);
  return same;
}

void Interpreter::run_unknown(Node& node) {
  for (const Value* output : node.outputs()) set(output, AbstractValue::unknown());
}

AbstractValue Interpreter::result_of(const c10::Type& type, const DeviceOriginSet& places,
                                     int rank) {
  switch (type.kind()) {
    case TypeKind::TensorType: {
      AbstractValue fact = AbstractValue::tensor(nullptr, rank);
      fact.places = places;
      if (rank != AbstractValue::kUnknownRank) return fact;
      // A trace knows what it saw.
      if (const auto dims = type.castRaw<c10::TensorType>()->dim()) {
        fact.rank = static_cast<int>(*dims);
      }
      return fact;
    }
    case TypeKind::OptionalType: {
      AbstractValue fact = result_of(*type.containedTypes()[0], places, rank);
      fact.maybe_none = true;
      return fact.kind == Kind::kTensor ? fact : AbstractValue::unknown();
    }
    case TypeKind::ListType:
    case TypeKind::DictType: {
      if (!can_hold_tensors(type)) return AbstractValue::unknown();
      AbstractValue list =
          AbstractValue::list({result_of(*type.containedTypes().back(), places, rank)});
      list.contents->exact = false;
      list.contents->is_dict = type.kind() == TypeKind::DictType;
      return list;
    }
    case TypeKind::TupleType: {
      std::vector<AbstractValue> items;
      for (const auto& item : type.containedTypes()) {
        items.push_back(result_of(*item, places, AbstractValue::kUnknownRank));
      }
      return AbstractValue::tuple(std::move(items));
    }
    default:
      return AbstractValue::unknown();
  }
}

const DeviceOrigin* Interpreter::literal(Node& node, c10::Device device) {
  const DeviceOrigin* place = places_.make(with_index(device), {{&node, ""}}, nullptr);
  // A machine that has the run device need not have this one; the CPU and the simulated device are
  // everywhere.
  const auto type = place->device.type();
  const bool everywhere = type == c10::kCPU || type == c10::kPrivateUse1;
  if (!everywhere && type != run_device_.type()) report(&node, {place}, false, Verdict::kError);
  return place;
}

DeviceOriginSet Interpreter::at_device(Node& node, const AbstractValue& device) {
  DeviceOriginSet places;
  if (device.kind != Kind::kDevice) return places;
  for (const DeviceOrigin* place : device.places) {
    const c10::Device indexed = with_index(place->device);
    const bool fixed_here =
        place->is_literal() || (place->origins.empty() && indexed != run_device_);
    if (fixed_here) {
      places.push_back(literal(node, indexed));
    } else {
      places.push_back(
          indexed == place->device ? place : places_.make(indexed, place->origins, place->anchor));
    }
  }
  return places;
}

DeviceOriginSet Interpreter::place_results(Node& node, const OperatorInfo& info,
                                           const Arguments& arguments) {
  const auto places_of = [&](std::size_t index) {
    return index < arguments.size() && arguments[index]->kind == Kind::kTensor
               ? arguments[index]->places
               : DeviceOriginSet();
  };
  switch (info.placement) {
    case ResultPlacement::kCpu:
      return {literal(node, c10::kCPU)};
    case ResultPlacement::kCuda:
      return {literal(node, c10::kCUDA)};
    case ResultPlacement::kSecond:
      return places_of(1);
    case ResultPlacement::kLike:
    case ResultPlacement::kFactory: {
      const AbstractValue& device = *arguments[*info.device];
      if (!device.is_none()) return at_device(node, device);
      if (info.placement == ResultPlacement::kLike) return places_of(0);
      return {literal(node, c10::kCPU)};
    }
    case ResultPlacement::kFollows:
      return meet(node, info, arguments);
  }
  return {};
}

DeviceOriginSet Interpreter::meet(Node& node, const OperatorInfo& info,
                                  const Arguments& arguments) {
  const auto host = host_argument(info);
  const DeviceOrigin* common = nullptr;
  const DeviceOrigin* number =
      nullptr;  // Of a tensor without dims: the result is where the others are.
  bool simple = true;
  const auto join = [&](const DeviceOrigin*& all, const DeviceOrigin* place) {
    for (const DeviceOrigin* known : {common, number}) {
      simple = simple && (known == nullptr || known->device == place->device);
    }
    all = all == nullptr || !simple ? place : places_.merge(all, place);
  };
  for (const std::size_t index : info.tensors) {
    if (index == host) {
      check_host_argument(node, *arguments[index]);
      continue;
    }
    visit_tensors(*arguments[index], [&](const AbstractValue& tensor) {
      for (const DeviceOrigin* place : tensor.places)
        join(tensor.rank == 0 ? number : common, place);
    });
  }
  if (common == nullptr) common = number;
  if (common == nullptr) return {};
  if (simple) return {common};
  const OperandDevices meeting(node, info, arguments, run_device_, verdicts_);
  const OperandDevices::Outcome outcome = meeting.judge(places_);
  if (outcome.verdict == DeviceMix::kTaken) return outcome.places;
  const bool certain = certain_ && outcome.verdict == DeviceMix::kRefused;
  report(&node, outcome.involved, certain, Verdict::kError);
  return {on_run_device(outcome.involved)};
}

/// What a refused operator would have given, had all been where they belong.
const DeviceOrigin* Interpreter::on_run_device(const DeviceOriginSet& involved) {
  for (const DeviceOrigin* place : involved) {
    if (place->device == run_device_) return place;
  }
  return places_.make(run_device_, {}, first_tensor_input_);
}

void Interpreter::check_host_argument(Node& node, const AbstractValue& argument) {
  if (argument.kind != Kind::kTensor) return;
  DeviceOriginSet elsewhere;
  for (const DeviceOrigin* place : argument.places) {
    if (!place->device.is_cpu()) elsewhere.push_back(place);
  }
  if (elsewhere.empty()) return;
  report(&node, elsewhere, certain_ && elsewhere.size() == argument.places.size(), Verdict::kError);
}

void Interpreter::report(Node* node, const DeviceOriginSet& involved, bool certain,
                         Verdict verdict) {
  Conflict conflict;
  conflict.node = node;
  conflict.certain = certain;
  conflict.verdict = verdict;
  const bool any_elsewhere =
      std::any_of(involved.begin(), involved.end(),
                  [&](const DeviceOrigin* place) { return place->device != run_device_; });
  for (const DeviceOrigin* place : involved) {
    if (any_elsewhere && place->device == run_device_) {
      if (conflict.anchor == nullptr) conflict.anchor = place->anchor;
      continue;
    }
    for (const Origin& origin : place->origins) {
      const bool known = std::find(conflict.origins.begin(), conflict.origins.end(), origin) !=
                         conflict.origins.end();
      if (!known) conflict.origins.push_back(origin);
    }
  }
  if (conflict.anchor == nullptr) conflict.anchor = first_tensor_input_;
  add_conflict(std::move(conflict));
}

void Interpreter::add_conflict(Conflict conflict) {
  auto& at_node = conflict_of_[conflict.node];
  for (const std::size_t index : at_node) {
    Conflict& known = conflicts_[index];
    if (known.origins != conflict.origins || known.verdict != conflict.verdict) continue;
    known.certain = known.certain || conflict.certain;
    return;
  }
  at_node.push_back(conflicts_.size());
  conflicts_.push_back(std::move(conflict));
}

}  // namespace crosstrace::detail
