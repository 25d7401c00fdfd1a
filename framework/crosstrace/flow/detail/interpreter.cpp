// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/discovery.h>
#include <crosstrace/flow/detail/interpreter.h>

#include <algorithm>
#include <limits>

namespace crosstrace::detail {
namespace {

namespace prim = c10::prim;
using c10::TypeKind;

/// A bool or an int that is known.
std::optional<int64_t> number(const AbstractValue& fact) {
  if (fact.kind != AbstractValue::Kind::kConstant) return std::nullopt;
  if (fact.constant.isBool()) return fact.constant.toBool();
  if (fact.constant.isInt()) return fact.constant.toInt();
  return std::nullopt;
}

bool all_alike(const std::vector<AbstractValue>& a, const std::vector<AbstractValue>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), alike);
}

}  // namespace

Interpreter::Interpreter(const Program& program, const InlinedMethod& method,
                         const Scenario& scenario)
    : program_(program),
      method_(method),
      scenario_(scenario),
      run_device_(with_index(to_device(scenario.run_device))),
      liveness_(*method.graph),
      input_place_(places_.make(run_device_, {}, nullptr)) {
  for (const Attribute& attribute : program.attributes()) {
    const std::size_t length = attribute.path.size() - attribute.name.size();
    module_paths_.try_emplace(attribute.owner._ivalue().get(), attribute.path.substr(0, length));
  }
}

std::vector<Conflict> Interpreter::run() {
  constexpr int kMaxCalls = 3;
  for (int i = 0; i < kMaxCalls; ++i) {
    changed_attributes_ = false;
    call();
    if (!changed_attributes_) break;
  }
  return std::move(conflicts_);
}

void Interpreter::call() {
  facts_.clear();
  bind_inputs();
  if (run_block(*method_.graph->block())) check_outputs();
}

void Interpreter::bind_inputs() {
  const auto inputs = method_.graph->inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool self = i == 0 && inputs[i]->type()->kind() == TypeKind::ClassType;
    if (!self && first_tensor_input_ == nullptr &&
        inputs[i]->type()->kind() == TypeKind::TensorType) {
      first_tensor_input_ = inputs[i];
    }
    set(inputs[i], self ? AbstractValue::of_object(method_.self._ivalue().get())
                        : input_fact(*inputs[i], *inputs[i]->type()));
  }
}

AbstractValue Interpreter::input_fact(Value& value, const c10::Type& type) {
  const bool is_tensor = type.kind() == TypeKind::TensorType;
  if (is_tensor) {
    const bool whole = value.type().get() == &type;
    return AbstractValue::tensor(whole ? places_.make(run_device_, {}, &value) : input_place_,
                                 AbstractValue::kSomeDims);
  }
  switch (type.kind()) {
    case TypeKind::OptionalType: {
      AbstractValue fact = input_fact(value, *type.castRaw<c10::OptionalType>()->getElementType());
      if (fact.kind == AbstractValue::Kind::kUnknown) return fact;
      fact.maybe_none = true;
      return fact;
    }
    case TypeKind::ListType:
    case TypeKind::DictType: {
      AbstractValue list = AbstractValue::list({input_fact(value, *type.containedTypes().back())});
      list.contents->exact = false;
      list.contents->is_dict = type.kind() == TypeKind::DictType;
      return list;
    }
    case TypeKind::TupleType: {
      std::vector<AbstractValue> items;
      for (const auto& item : type.containedTypes()) items.push_back(input_fact(value, *item));
      return AbstractValue::tuple(std::move(items));
    }
    default:
      return AbstractValue::unknown();
  }
}

const AbstractValue& Interpreter::get(const Value* value) {
  const auto [entry, is_new] = facts_.try_emplace(value);
  if (is_new) entry->second = AbstractValue::unknown();
  return entry->second;
}

void Interpreter::set(const Value* value, AbstractValue fact) { facts_[value] = std::move(fact); }

std::vector<AbstractValue> Interpreter::results_of(Block& block) {
  std::vector<AbstractValue> results;
  for (const Value* output : block.outputs()) results.push_back(get(output));
  return results;
}

bool Interpreter::run_block(Block& block) {
  for (Node* node : block.nodes()) {
    if (!liveness_.is_live(*node)) continue;
    if (node->kind() == prim::RaiseException || !run_node(*node)) return false;
  }
  return true;
}

bool Interpreter::run_node(Node& node) {
  if (node.kind() == prim::If) return run_if(node);
  if (node.kind() == prim::fork) return run_fork(node);
  if (node.kind() == prim::Loop) {
    run_loop(node);
  } else if (!run_structure(node) && !evaluate(node) && !run_container(node)) {
    run_operator(node);
  }
  return true;
}

bool Interpreter::run_if(Node& node) {
  const AbstractValue condition = get(node.input());
  std::vector<AbstractValue> results;
  bool ends = false;
  if (const auto decided = number(condition)) {
    ends = run_branch(*node.blocks()[*decided != 0 ? 0 : 1], certain_, results);
    if (!ends && condition.source != nullptr) refuse_device(node);
  } else {
    ends = run_both(node, results);
  }
  for (std::size_t i = 0; ends && i < results.size(); ++i) {
    set(node.output(i), std::move(results[i]));
  }
  return ends;
}

/// Either branch may be taken, unless it raises: whoever comes further took the other.
bool Interpreter::run_both(Node& node, std::vector<AbstractValue>& results) {
  const State before = state_;
  std::vector<AbstractValue> others;
  Assumed assumed = assume_extent(node.input(), false);
  const bool second_ends = run_branch(*node.blocks()[1], false, others);
  restore(std::move(assumed));
  State after_second = std::exchange(state_, before);
  assumed = assume_extent(node.input(), true);
  const bool first_ends = run_branch(*node.blocks()[0], certain_ && !second_ends, results);
  restore(std::move(assumed));
  if (!first_ends) {
    state_ = std::move(after_second);
    results = std::move(others);
  } else if (second_ends) {
    join_state(after_second);
    for (std::size_t i = 0; i < results.size(); ++i) {
      results[i] = join(results[i], others[i], places_);
    }
  }
  return first_ends || second_ends;
}

/// A check of a device raises: the branch itself fixes which devices there may be.
void Interpreter::refuse_device(Node& branch) {
  Conflict conflict;
  conflict.node = &branch;
  conflict.origins = {{&branch, ""}};
  conflict.certain = certain_;
  add_conflict(std::move(conflict));
}

void Interpreter::restore(Assumed assumed) {
  if (assumed.first != nullptr) set(assumed.first, std::move(assumed.second));
}

bool Interpreter::run_branch(Block& block, bool certain, std::vector<AbstractValue>& results) {
  const bool was_certain = std::exchange(certain_, certain);
  const bool was_straight = std::exchange(straight_, straight_ && certain);
  const bool ends = run_block(block);
  certain_ = was_certain;
  straight_ = was_straight;
  if (ends) results = results_of(block);
  return ends;
}

void Interpreter::join_state(const State& other) {
  for (const auto& [key, fact] : other) {
    const auto [entry, is_new] = state_.try_emplace(key, fact);
    if (!is_new) entry->second = join(entry->second, fact, places_);
  }
}

/// The body once, with what it is given in `carried`; afterwards what it gives. False if it raises.
bool Interpreter::run_pass(Block& body, LoopState& loop) {
  set(body.inputs()[0], AbstractValue::unknown());
  for (std::size_t i = 0; i < loop.carried.size(); ++i) {
    set(body.inputs()[i + 1], loop.carried[i]);
  }
  if (!run_block(body)) return false;
  std::vector<AbstractValue> results = results_of(body);
  loop.condition = number(results.front());
  results.erase(results.begin());
  loop.settled = all_alike(results, loop.carried);
  loop.carried = std::move(results);
  return true;
}

/// What the loop gives if it may end after this pass.
void Interpreter::leave_after(LoopState& loop, bool goes_on) {
  if (loop.left.empty() || goes_on) {
    loop.left = loop.carried;
    return;
  }
  for (std::size_t i = 0; i < loop.left.size(); ++i) {
    loop.left[i] = join(loop.left[i], loop.carried[i], places_);
  }
}

void Interpreter::run_loop(Node& node) {
  // Passes of loops in loops multiply: from the fourth depth on, one has to do.
  constexpr int kMostDepth = 3;
  const int most_passes = loop_depth_ < kMostDepth ? 3 : 1;
  const auto trips = number(get(node.input(0)));
  const bool was_certain = certain_;
  const bool was_straight = std::exchange(straight_, false);
  LoopState loop;
  for (std::size_t i = 2; i < node.inputs().size(); ++i) loop.carried.push_back(get(node.input(i)));
  loop.condition = number(get(node.input(1)));
  loop.left = {};
  for (int pass = 0; pass < most_passes; ++pass) {
    if ((trips && pass >= *trips) || loop.condition == 0) break;
    // Loops over data are taken to run once at the least: one over nothing proves nothing. While
    // loops have as many trips as an int can count.
    const bool counted = trips && *trips < std::numeric_limits<int64_t>::max();
    certain_ = was_certain && loop.condition.has_value() && (pass == 0 || counted);
    const bool last = pass > 0 && pass == most_passes - 1;
    for (std::size_t i = 0; last && i < loop.carried.size(); ++i) {
      loop.carried[i] = join(loop.carried[i], loop.left[i], places_);
    }
    ++loop_depth_;
    const bool ends = run_pass(*node.blocks()[0], loop);
    --loop_depth_;
    if (!ends) break;
    leave_after(loop, /*goes_on=*/counted && *trips > pass && !last);
    if (loop.settled) break;
  }
  certain_ = was_certain;
  straight_ = was_straight;
  const std::vector<AbstractValue>& results = loop.left.empty() ? loop.carried : loop.left;
  for (std::size_t i = 0; i < node.outputs().size(); ++i) set(node.output(i), results[i]);
}

/// What it calls is called at once: a future is known by what it will give.
bool Interpreter::run_fork(Node& node) {
  Block& body = *node.g(c10::attr::Subgraph)->block();
  for (std::size_t i = 0; i < body.inputs().size(); ++i) set(body.inputs()[i], get(node.input(i)));
  if (!run_block(body)) return false;
  std::vector<AbstractValue> results = results_of(body);
  set(node.output(),
      results.size() == 1 ? std::move(results[0]) : AbstractValue::tuple(std::move(results)));
  return true;
}

void Interpreter::check_outputs() {
  for (const Value* output : method_.graph->outputs()) {
    const AbstractValue fact = get(output);
    std::unordered_set<const void*> seen;
    visit_all_tensors(fact, seen, [&](const AbstractValue& tensor) {
      DeviceOriginSet elsewhere;
      for (const DeviceOrigin* place : tensor.places) {
        if (place->device != run_device_) elsewhere.push_back(place);
      }
      if (elsewhere.empty()) return;
      const bool certain = elsewhere.size() == tensor.places.size() && !tensor.maybe_none;
      report(nullptr, elsewhere, certain, Verdict::kWrongDevice);
    });
  }
}

}  // namespace crosstrace::detail
