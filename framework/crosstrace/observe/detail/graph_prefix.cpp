// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/function_schema.h>
#include <crosstrace/base/accelerator.h>
#include <crosstrace/base/autograd.h>
#include <crosstrace/base/call_method.h>
#include <crosstrace/base/graph_constants.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/observe/detail/graph_prefix.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/interpreter.h>

#include <utility>

namespace crosstrace::detail {
namespace {

using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

/// All values that the graph gives.
std::vector<c10::IValue> interpret(const std::shared_ptr<Graph>& graph,
                                   std::vector<c10::IValue> stack, std::uint64_t seed,
                                   bool differentiates) {
  const AutogradScope scope(differentiates);
  const AcceleratorScope accelerator(differentiates ? accelerator_of(stack) : std::nullopt);
  const torch::jit::Code code(graph, "probe");
  seed_generators(seed);
  torch::jit::InterpreterState(code).run(stack);
  return stack;
}

std::vector<Node*> nodes_of(Graph& graph) {
  std::vector<Node*> nodes;
  for (Node* node : graph.nodes()) nodes.push_back(node);
  return nodes;
}

Value* value_in(Graph& graph, const std::vector<Node*>& nodes, ValuePlace place) {
  if (place.node < 0) return graph.inputs().at(place.index);
  return nodes.at(place.node)->outputs().at(place.index);
}

/// A tensor and how often it was written, which inference tensors do not count
/// (c10/core/TensorImpl.h); what is no tensor by its identity or value.
using State = std::pair<const void*, std::int64_t>;

State state_of(const c10::IValue& value) {
  if (value.isTensor() && value.toTensor().defined()) {
    const at::Tensor& tensor = value.toTensor();
    return {tensor.unsafeGetTensorImpl(), tensor.is_inference() ? 0 : tensor._version()};
  }
  if (value.isBool()) return {nullptr, value.toBool() ? 1 : 0};
  if (value.isInt()) return {nullptr, value.toInt()};
  return {value.isPtrType() ? value.internalToPointer() : nullptr, 0};
}

/// Writing into a list or dict of the module goes unseen.
void add_state(const c10::ivalue::Object& object, std::vector<State>& state) {
  for (const c10::IValue& value : object.slots()) {
    state.push_back(state_of(value));
    if (value.isModule()) add_state(value.toObjectRef(), state);
  }
}

std::vector<State> state_of(const torch::jit::Module& module) {
  std::vector<State> state;
  add_state(*module._ivalue(), state);
  return state;
}

}  // namespace

GraphPrefix::GraphPrefix(const DifferenceSide& side, std::uint64_t seed)
    : side_(side),
      seed_(seed),
      module_(side.module()),
      differentiates_(calls_autograd(module_, side.method)),
      written_(module_),
      graph_(module_.get_method(side.method).graph()->copy()) {
  torch::jit::Inline(*graph_);
  list_nodes();
}

void GraphPrefix::list_nodes() {
  nodes_ = nodes_of(*graph_);
  order_.clear();
  for (std::size_t i = 0; i < nodes_.size(); ++i) order_[nodes_[i]] = static_cast<int>(i);
}

ValuePlace GraphPrefix::place_of(const Value* value) const {
  const auto found = order_.find(value->node());
  return {found == order_.end() ? -1 : found->second, static_cast<int>(value->offset())};
}

Value* GraphPrefix::value_at(ValuePlace place) const { return value_in(*graph_, nodes_, place); }

/// Inputs are not shared by two runs, for forward may write into them.
std::vector<c10::IValue> GraphPrefix::fresh_stack() const {
  std::vector<c10::IValue> stack{(has_state_ ? side_.module() : module_)._ivalue()};
  for (const c10::IValue& input : side_.inputs) stack.push_back(input.deepcopy());
  const auto& arguments = module_.get_method(side_.method).function().getSchema().arguments();
  for (std::size_t i = stack.size(); i < arguments.size() && arguments[i].default_value(); ++i) {
    stack.push_back(*arguments[i].default_value());
  }
  return stack;
}

/// @param graph gets those constants for itself that a call may write into.
std::vector<c10::IValue> GraphPrefix::interpret(const std::shared_ptr<Graph>& graph) const {
  replace_constants(*graph->block(), [this](const at::Tensor& tensor) {
    return written_.contains(tensor) ? tensor.clone() : tensor;
  });
  try {
    return detail::interpret(graph, fresh_stack(), seed_, differentiates_);
  } catch (...) {
    keep_for_tasks(module_);  // Whose functions the nodes of all copies name as their origin.
    throw;
  }
}

c10::IValue GraphPrefix::run_all() {
  const std::vector<State> before = state_of(module_);
  std::vector<c10::IValue> outputs = interpret(graph_->copy());
  has_state_ = state_of(module_) != before;
  if (outputs.size() == 1) return outputs.front();
  return c10::ivalue::Tuple::create(std::move(outputs));
}

std::vector<c10::IValue> GraphPrefix::run(const std::vector<ValuePlace>& places, int last) const {
  const std::shared_ptr<Graph> beginning = graph_->copy();
  const std::vector<Node*> nodes = nodes_of(*beginning);
  std::vector<Value*> wanted;
  for (const ValuePlace place : places) wanted.push_back(value_in(*beginning, nodes, place));
  for (std::size_t i = beginning->outputs().size(); i > 0; --i) beginning->eraseOutput(i - 1);
  for (std::size_t i = nodes.size(); i > static_cast<std::size_t>(last + 1); --i) {
    nodes[i - 1]->destroy();
  }
  for (Value* value : wanted) beginning->registerOutput(value);
  return interpret(beginning);
}

int GraphPrefix::take_branch(int node, bool condition) {
  Node* branch = nodes_.at(node);
  torch::jit::Block* block = branch->blocks().at(condition ? 0 : 1);
  const std::vector<Node*> taken(block->nodes().begin(), block->nodes().end());
  for (Node* inner : taken) inner->moveBefore(branch);
  for (std::size_t i = 0; i < branch->outputs().size(); ++i) {
    branch->outputs()[i]->replaceAllUsesWith(block->outputs()[i]);
  }
  branch->destroy();
  list_nodes();
  return node + static_cast<int>(taken.size()) - 1;
}

}  // namespace crosstrace::detail
