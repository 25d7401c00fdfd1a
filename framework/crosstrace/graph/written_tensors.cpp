// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/function_schema.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/base/tensors_in.h>
#include <crosstrace/graph/attribute_path.h>
#include <crosstrace/graph/written_tensors.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/inliner.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace crosstrace {
namespace {

namespace jit = torch::jit;

/// What two tensors share if writing into one changes the other.
const void* memory_of(const at::Tensor& tensor) {
  return tensor.has_storage() ? static_cast<const void*>(tensor.storage().unsafeGetStorageImpl())
                              : static_cast<const void*>(tensor.unsafeGetTensorImpl());
}

/// Its schema tells what it writes and what its results share.
bool is_of_libtorch(const jit::Node& node) {
  const std::string_view space = node.kind().ns().toUnqualString();
  return space == "aten" || space == "prim" || space == "quantized";
}

bool is_false(const jit::Value& value) {
  const auto known = jit::toIValue(&value);
  return known && known->isBool() && !known->toBool();
}

/// Norms update the running statistics that they are given, and their schemas do not say so
/// (aten::batch_norm, aten::instance_norm and the like of native_functions.yaml).
bool writes_statistics(const jit::Node& node, const c10::FunctionSchema& schema) {
  if (!schema.argumentIndexWithName("running_mean")) return false;
  for (const char* flag : {"training", "train", "use_input_stats"}) {
    const auto index = schema.argumentIndexWithName(flag);
    if (index && is_false(*node.input(*index))) return false;
  }
  return true;
}

bool is_statistic(const c10::Argument& argument) {
  return argument.name() == "running_mean" || argument.name() == "running_var";
}

/// One that could not be inlined.
bool is_call(const jit::Node& node) {
  return node.kind() == c10::prim::CallMethod || node.kind() == c10::prim::CallFunction ||
         node.kind() == c10::prim::PythonOp;
}

bool is_task(const jit::Node& node) {
  return node.kind() == c10::prim::fork || node.kind() == c10::aten::wait;
}

/// With all calls inlined, in tasks too.
std::shared_ptr<jit::Graph> inlined(jit::Graph& method) {
  auto graph = method.copy();
  jit::Inline(*graph);
  for_each_node(*graph->block(), [](jit::Node& node) {
    if (node.hasAttribute(c10::attr::Subgraph)) jit::Inline(*node.g(c10::attr::Subgraph));
  });
  return graph;
}

}  // namespace

/// Follows what is written back to where it comes from.
class WrittenTensors::Search {
 public:
  Search(const jit::Module& module, WrittenTensors& found) : module_(module), found_(found) {}

  void run(const std::vector<std::shared_ptr<jit::Graph>>& methods) {
    for (const auto& graph : methods) note_assigned(*graph);
    found_.state_ = !assigned_.empty();
    for (const auto& graph : methods) {
      graph_ = graph.get();
      for_each_node(*graph->block(), [&](jit::Node& node) { look_at(node); });
    }
  }

 private:
  void note_assigned(const jit::Graph& graph) {
    for_each_node(*graph.block(), [&](jit::Node& node) {
      if (node.kind() == c10::prim::SetAttr) assigned_.insert(node.s(c10::attr::name));
    });
  }

  void look_at(const jit::Node& node) {
    if (is_call(node)) add_all();
    const c10::FunctionSchema* schema = node.maybeSchema();
    if (schema == nullptr) return;
    const bool writes_anything = !is_of_libtorch(node);
    const bool statistics = writes_statistics(node, *schema);
    const auto& arguments = schema->arguments();
    for (std::size_t i = 0; i < std::min(arguments.size(), node.inputs().size()); ++i) {
      const c10::AliasInfo* alias = arguments[i].alias_info();
      const bool is_written = alias != nullptr && alias->isWrite();
      if (is_written || writes_anything || (statistics && is_statistic(arguments[i]))) {
        if (!can_hold_tensors(*node.input(i)->type())) found_.state_ = true;
        follow(*node.input(i));
      }
    }
  }

  void follow(const jit::Value& value) {
    if (found_.all_ || !can_hold_tensors(*value.type()) || !seen_.insert(&value).second) return;
    const jit::Node& node = *value.node();
    if (node.kind() == c10::prim::Constant) {
      if (const auto known = jit::toIValue(&value)) add(*known);
      return;
    }
    if (value.owningGraph() != graph_) return add_all();  // A task's, which is given its operands.
    switch (node.kind()) {
      case c10::prim::Param:
        return follow_argument(value);
      case c10::prim::GetAttr:
        return follow_attribute(value);
      case c10::prim::If:
        for (const jit::Block* block : node.blocks()) follow(*block->outputs()[value.offset()]);
        return;
      case c10::prim::Loop:
        return follow_loop(node, value.offset());
      default:
        return is_call(node) || is_task(node) ? add_all() : follow_inputs(value);
    }
  }

  /// Of the method, or what a loop hands from one turn to the next.
  void follow_argument(const jit::Value& value) {
    const jit::Block* block = value.node()->owningBlock();
    const jit::Node* owner = block->owningNode();
    if (block == graph_->block()) {
      found_.arguments_ = true;
    } else if (owner != nullptr && owner->kind() == c10::prim::Loop) {
      if (value.offset() > 0) follow_loop(*owner, value.offset() - 1);  // The first counts turns.
    } else {
      add_all();
    }
  }

  /// Before its values, a loop takes how many turns and whether to begin, and its block gives
  /// whether to go on.
  void follow_loop(const jit::Node& loop, std::size_t i) {
    follow(*loop.input(i + 2));
    follow(*loop.blocks().at(0)->outputs().at(i + 1));
  }

  /// What a method assigned to it is not known.
  void follow_attribute(const jit::Value& value) {
    const auto names = attribute_path(&value);
    if (!names) return add_all();
    c10::IValue holder = module_._ivalue();
    for (const std::string& name : *names) {
      const bool has = holder.isObject() && holder.toObjectRef().type()->hasAttribute(name);
      if (!has || assigned_.contains(name)) return add_all();
      holder = holder.toObjectRef().getAttr(name);
    }
    add(holder);
  }

  /// An operator of LibTorch without a mark at its result has made it.
  void follow_inputs(const jit::Value& value) {
    const jit::Node& node = *value.node();
    const c10::FunctionSchema* schema = node.maybeSchema();
    if (schema != nullptr && is_of_libtorch(node) && value.offset() < schema->returns().size() &&
        schema->returns()[value.offset()].alias_info() == nullptr) {
      return;
    }
    for (const jit::Value* input : node.inputs()) follow(*input);
  }

  void add(const c10::IValue& value) {
    value.visit([&](const c10::IValue& part) {
      if (part.isTensor() && part.toTensor().defined()) {
        found_.memory_.insert(memory_of(part.toTensor()));
      }
      return false;
    });
  }

  void add_all() { found_.all_ = true; }

  const jit::Module& module_;
  WrittenTensors& found_;
  const jit::Graph* graph_ = nullptr;  ///< That is looked at.
  std::set<std::string> assigned_;     ///< Names of attributes that some method assigns.
  std::unordered_set<const jit::Value*> seen_;
};

WrittenTensors::WrittenTensors(const jit::Module& module) {
  std::vector<std::shared_ptr<jit::Graph>> methods;
  for (const jit::Method& method : module.get_methods()) {
    methods.push_back(inlined(*method.graph()));
  }
  Search(module, *this).run(methods);
}

bool WrittenTensors::contains(const at::Tensor& tensor) const {
  return all_ || memory_.contains(memory_of(tensor));
}

}  // namespace crosstrace
