// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/accelerator.h>
#include <crosstrace/base/autograd.h>
#include <crosstrace/base/call_method.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/base/with_none.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/api/module.h>

#include <mutex>
#include <stdexcept>
#include <utility>

namespace crosstrace {
namespace {

bool has_fork(const torch::jit::Module& module) {
  bool found = false;
  for_each_function(module, [&](torch::jit::GraphFunction& function) {
    for_each_node(*function.graph()->block(),
                  [&](const torch::jit::Node& node) { found |= node.kind() == c10::prim::fork; });
  });
  return found;
}

/// Of a call without tensors the module's state decides.
std::optional<c10::DeviceType> accelerator_of_call(const torch::jit::Module& module,
                                                   const std::vector<c10::IValue>& inputs) {
  if (const auto type = accelerator_of(inputs)) return type;
  for (const auto& tensor : module.parameters()) return tensor.device().type();
  for (const auto& tensor : module.buffers()) return tensor.device().type();
  return std::nullopt;
}

}  // namespace

void keep_for_tasks(const torch::jit::Module& module) {
  static auto* const lock = new std::mutex;  // Never destroyed: tasks outlive main().
  static auto* const kept = new std::vector<c10::intrusive_ptr<c10::ivalue::Object>>;
  if (!has_fork(module)) return;
  const std::lock_guard locked(*lock);
  kept->push_back(module._ivalue());
}

c10::IValue call_method(torch::jit::Module& module, const std::string& method,
                        std::vector<c10::IValue> inputs) {
  auto callee = module.find_method(method);
  if (!callee) throw std::runtime_error("the export has no method " + method);
  const bool differentiates = calls_autograd(module, method);
  const AutogradScope scope(differentiates);
  const AcceleratorScope accelerator(differentiates ? accelerator_of_call(module, inputs)
                                                    : std::nullopt);
  try {
    return with_none(detached((*callee)(std::move(inputs))));
  } catch (...) {
    keep_for_tasks(module);
    throw;
  }
}

}  // namespace crosstrace
