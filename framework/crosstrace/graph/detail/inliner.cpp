// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/graph/attribute_path.h>
#include <crosstrace/graph/detail/inliner.h>
#include <torch/csrc/jit/api/function_impl.h>

#include <algorithm>
#include <utility>

namespace crosstrace::detail {
namespace {

namespace jit = torch::jit;
using c10::prim::CallFunction;
using c10::prim::CallMethod;
using c10::prim::GetAttr;

// Functions that call each other twice grow exponentially; a file that was made to do harm must
// not take all memory. No real model comes near.
constexpr std::size_t kMaxInserted = 20'000'000;

/// Gives inlined nodes the call through which they came, and with it, in the place of the
/// function's name, the path of the object whose method was called.
class CallStacks {
 public:
  CallStacks(jit::Function* callee, const jit::Node& call, std::string instance)
      : callee_(callee), range_(call.sourceRange()), instance_(std::move(instance)) {}

  void extend(jit::Node& node) {
    const auto inner = node.callstack();
    auto& made = made_[inner ? inner->get() : nullptr];
    if (!made) {
      made = inner ? c10::make_intrusive<jit::InlinedCallStack>(*inner, callee_, range_,
                                                                std::nullopt, instance_)
                   : c10::make_intrusive<jit::InlinedCallStack>(callee_, range_, std::nullopt,
                                                                instance_);
    }
    node.setCallStack(made);
    for (jit::Block* block : node.blocks()) {
      for (jit::Node* nested : block->nodes()) extend(*nested);
    }
  }

 private:
  jit::Function* callee_;
  jit::SourceRange range_;
  std::string instance_;
  std::unordered_map<const jit::InlinedCallStack*, jit::InlinedCallStackPtr> made_;
};

bool is_call(const jit::Node& node) {
  return node.kind() == CallFunction || node.kind() == CallMethod;
}

bool has_call(const jit::Block& block) {
  const auto is_or_has = [](const jit::Node* node) {
    return is_call(*node) || std::any_of(node->blocks().begin(), node->blocks().end(),
                                         [](const jit::Block* inner) { return has_call(*inner); });
  };
  return std::any_of(block.nodes().begin(), block.nodes().end(), is_or_has);
}

/// The object at the end of a path of attributes, null if there is none.
c10::intrusive_ptr<c10::ivalue::Object> follow(const jit::Module& module,
                                               const std::vector<std::string>& path) {
  auto object = module._ivalue();
  for (const std::string& name : path) {
    if (!object->type()->findAttributeSlot(name)) return nullptr;
    const c10::IValue value = object->getAttr(name);
    if (!value.isObject()) return nullptr;
    object = value.toObject();
  }
  return object;
}

}  // namespace

Inliner::Inliner(const std::vector<jit::Module>& modules) {
  for (const jit::Module& module : modules) {
    instances_[module.type().get()].push_back(module);
    for (jit::Function* method : module.type()->methods()) methods_.insert(method);
  }
}

void Inliner::inline_method(jit::Function& function) { (void)inlined_body(function); }

jit::Graph* Inliner::inlined_body(jit::Function& function) {
  auto* graph_function = jit::tryToGraphFunction(function);
  if (graph_function == nullptr || in_progress_.count(&function) > 0) return nullptr;
  const auto [entry, is_new] = bodies_.try_emplace(&function);
  if (!is_new) return entry->second.get();
  function.ensure_defined();
  auto graph = graph_function->graph();
  if (methods_.count(&function) == 0) graph = graph->copy();
  in_progress_.insert(&function);
  inline_graph(*graph);
  in_progress_.erase(&function);
  bodies_[&function] = graph;
  return graph.get();
}

void Inliner::inline_graph(jit::Graph& graph) {
  const auto outer = std::exchange(function_constants_, {});
  inline_block(*graph.block());
  for (jit::Node* constant : function_constants_) {
    if (!constant->hasUses()) constant->destroy();
  }
  function_constants_ = outer;
}

void Inliner::inline_block(jit::Block& block) {
  for (jit::Node* node = *block.nodes().begin(); node != block.return_node();) {
    jit::Node* before = node->prev();
    // What was inserted is looked at again: a call through an interface may be clear now.
    if (is_call(*node) && inline_call(*node)) {
      node = before->next();
      continue;
    }
    for (jit::Block* inner : node->blocks()) inline_block(*inner);
    if (node->kind() == c10::prim::fork) inline_fork(*node);
    node = node->next();
  }
}

/// Copies of a node share the graph that it calls, so it gets one of its own.
void Inliner::inline_fork(jit::Node& fork) {
  if (!has_call(*fork.g(c10::attr::Subgraph)->block())) return;
  auto body = fork.g(c10::attr::Subgraph)->copy();
  inline_graph(*body);
  fork.g_(c10::attr::Subgraph, std::move(body));
}

Inliner::Callee Inliner::callee_of(jit::Node& node) const {
  if (node.kind() == CallFunction) {
    const auto type = node.input(0)->type()->cast<c10::FunctionType>();
    return {type ? type->function() : nullptr, ""};
  }
  const std::string& name = node.s(c10::attr::name);
  const auto path = attribute_path(node.input(0));
  const std::string instance = path ? join_names(*path) : "";
  if (const auto type = node.input(0)->type()->cast<c10::ClassType>()) {
    jit::Function* method = type->findMethod(name);
    return {method != nullptr ? method : type->findHook(name), instance};
  }
  return {path ? method_of_instances(node, *path) : nullptr, instance};
}

jit::Function* Inliner::method_of_instances(jit::Node& node,
                                            const std::vector<std::string>& path) const {
  const auto self = node.owningGraph()->inputs()[0]->type()->cast<c10::ClassType>();
  const auto instances = self ? instances_.find(self.get()) : instances_.end();
  if (instances == instances_.end()) return nullptr;
  jit::Function* common = nullptr;
  for (const jit::Module& instance : instances->second) {
    const auto object = follow(instance, path);
    jit::Function* method = object ? object->type()->findMethod(node.s(c10::attr::name)) : nullptr;
    if (method == nullptr || (common != nullptr && method != common)) return nullptr;
    common = method;
  }
  return common;
}

bool Inliner::inline_call(jit::Node& node) {
  const Callee callee = callee_of(node);
  if (callee.function == nullptr) return false;
  called_.insert(callee.function);
  jit::Graph* body = inlined_body(*callee.function);
  if (body == nullptr || inserted_ > kMaxInserted) return false;
  const std::size_t skipped = node.kind() == CallFunction ? 1 : 0;
  if (body->inputs().size() + skipped != node.inputs().size() ||
      body->outputs().size() != node.outputs().size()) {
    return false;
  }
  replace(node, callee, *body);
  return true;
}

void Inliner::replace(jit::Node& call, const Callee& callee, jit::Graph& body) {
  if (call.kind() == CallFunction) {
    auto& constants = function_constants_;
    jit::Node* function = call.input(0)->node();
    const bool known = std::find(constants.begin(), constants.end(), function) != constants.end();
    if (!known && function->kind() == c10::prim::Constant) constants.push_back(function);
    call.removeInput(0);
  }
  const jit::WithInsertPoint guard(&call);
  std::unordered_map<jit::Value*, jit::Value*> values;
  for (std::size_t i = 0; i < body.inputs().size(); ++i) values[body.inputs()[i]] = call.input(i);
  CallStacks call_stacks(callee.function, call, callee.instance);
  jit::Graph& graph = *call.owningGraph();
  for (jit::Node* node : body.nodes()) {
    jit::Node* clone = graph.insertNode(
        graph.createClone(node, [&](jit::Value* value) { return values.at(value); }));
    for (std::size_t i = 0; i < node->outputs().size(); ++i) {
      values[node->output(i)] = clone->output(i);
    }
    call_stacks.extend(*clone);
    ++inserted_;
  }
  for (std::size_t i = 0; i < call.outputs().size(); ++i) {
    call.output(i)->replaceAllUsesWith(values.at(body.outputs()[i]));
  }
  call.destroy();
}

}  // namespace crosstrace::detail
