// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/autograd.h>
#include <crosstrace/base/call_method.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_iterator.h>

#include <mutex>
#include <stdexcept>
#include <utility>

namespace crosstrace {
namespace {

bool has_fork(std::shared_ptr<torch::jit::Graph> graph) {
  torch::jit::DepthFirstGraphNodeIterator nodes(graph);
  while (const torch::jit::Node* node = nodes.next()) {
    if (node->kind() == c10::prim::fork) return true;
  }
  return false;
}

/// A task that `fork` began goes on after forward has thrown, and looks into the functions of the
/// module when it throws as well (InterpreterStateImpl::callstack,
/// torch/csrc/jit/runtime/interpreter.cpp). Nobody can wait for it, so the module stays.
void keep_for_tasks(const torch::jit::Module& module) {
  static auto* const lock = new std::mutex;  // Never destroyed: tasks outlive main().
  static auto* const kept = new std::vector<c10::intrusive_ptr<c10::ivalue::Object>>;
  for (torch::jit::Function* function : module._ivalue()->compilation_unit()->get_functions()) {
    auto* with_graph = torch::jit::tryToGraphFunction(*function);
    if (with_graph == nullptr || !has_fork(with_graph->graph())) continue;
    const std::lock_guard locked(*lock);
    kept->push_back(module._ivalue());
    return;
  }
}

}  // namespace

c10::IValue call_method(torch::jit::Module& module, const std::string& method,
                        std::vector<c10::IValue> inputs) {
  auto callee = module.find_method(method);
  if (!callee) throw std::runtime_error("the export has no method " + method);
  const AutogradScope scope(calls_autograd(module, method));
  try {
    return detached((*callee)(std::move(inputs)));
  } catch (...) {
    keep_for_tasks(module);
    throw;
  }
}

}  // namespace crosstrace
