// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/core/AutogradState.h>
#include <crosstrace/base/autograd.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/base/tensors_in.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/api/module.h>

#include <string_view>
#include <unordered_set>
#include <vector>

namespace crosstrace {
namespace {

namespace jit = torch::jit;

/// Looks at every function that a call can come to, each once.
class Search {
 public:
  explicit Search(const jit::Module& module) : unit_(*module._ivalue()->compilation_unit()) {}

  bool finds_from(jit::Function& first) {
    add(&first);
    while (!open_.empty()) {
      jit::Function* function = open_.back();
      open_.pop_back();
      auto* with_graph = jit::tryToGraphFunction(*function);
      if (with_graph == nullptr) continue;
      function->ensure_defined();
      if (is_in(*with_graph->graph()->block())) return true;
    }
    return false;
  }

 private:
  void add(jit::Function* function) {
    if (function != nullptr && seen_.insert(function).second) open_.push_back(function);
  }

  bool is_in(const jit::Block& block) {
    static const auto kGrad = c10::Symbol::fromQualString("aten::grad");
    static const auto kBackward = c10::Symbol::fromQualString("aten::backward");
    bool found = false;
    for_each_node(block, [&](const jit::Node& node) {
      found |= node.kind() == kGrad || node.kind() == kBackward;
      add_callees(node);
    });
    return found;
  }

  void add_callees(const jit::Node& node) {
    if (node.kind() == c10::prim::CallFunction) {
      add(node.input(0)->type()->expect<c10::FunctionType>()->function());
    } else if (node.kind() == c10::prim::CallMethod) {
      add_method(*node.input(0)->type(), node.s(c10::attr::name));
    }
  }

  /// Behind an interface there may be any class that has the method.
  void add_method(const c10::Type& type, const std::string& name) {
    if (const auto* known = type.castRaw<c10::ClassType>()) return add(known->findMethod(name));
    for (jit::Function* function : unit_.get_functions()) {
      if (function->qualname().name() == name) add(function);
    }
  }

  const jit::CompilationUnit& unit_;
  std::unordered_set<const jit::Function*> seen_;
  std::vector<jit::Function*> open_;
};

}  // namespace

AutogradScope::AutogradScope(bool on)
    : mode_(on), had_threads_(c10::AutogradState::get_tls_state().get_multithreading_enabled()) {
  c10::AutogradState::get_tls_state().set_multithreading_enabled(false);
}

AutogradScope::~AutogradScope() {
  c10::AutogradState::get_tls_state().set_multithreading_enabled(had_threads_);
}

bool calls_autograd(const jit::Module& module, const std::string& method) {
  const auto found = module.find_method(method);
  return found && Search(module).finds_from(found->function());
}

c10::IValue detached(c10::IValue value) {
  bool has_history = false;
  visit_tensors(value, [&](const at::Tensor& tensor) { has_history |= tensor.requires_grad(); });
  if (!has_history) return value;
  change_tensors(value, [](const at::Tensor& tensor) {
    return tensor.requires_grad() ? tensor.detach() : tensor;
  });
  return value;
}

bool is_lack_of_autograd(const std::exception& error) {
  return std::string_view(error.what()).find("does not require grad") != std::string_view::npos;
}

}  // namespace crosstrace
