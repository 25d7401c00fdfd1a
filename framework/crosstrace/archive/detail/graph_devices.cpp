// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/function_schema.h>
#include <crosstrace/archive/detail/graph_devices.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/operators/operator_info.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <functional>
#include <optional>
#include <vector>

namespace crosstrace::detail {
namespace {

namespace jit = torch::jit;
using Names = std::map<std::string, std::string>;

void for_each_node_of(const jit::Module& module, const std::function<void(jit::Node&)>& visit) {
  for_each_function(module, [&](jit::GraphFunction& function) {
    for_each_node(*function.graph()->block(), visit);
  });
}

bool is_op(const jit::Node& node, std::string_view name) {
  return node.kind().toQualString() == name;
}

/// Of a constant Device, which LibTorch keeps as a text (torch/csrc/jit/ir/constants.cpp).
std::optional<std::string> constant_device(const jit::Value& value) {
  const jit::Node& node = *value.node();
  const bool is_device = node.kind() == c10::prim::Constant &&
                         value.type()->kind() == c10::TypeKind::DeviceObjType &&
                         node.hasAttribute(c10::attr::value);
  if (!is_device) return std::nullopt;
  return node.s(c10::attr::value);
}

std::optional<std::string> attribute_text(const jit::Module& module, const jit::Node& read) {
  for (const jit::Module& submodule : module.modules()) {
    const std::string& name = read.s(c10::attr::name);
    if (submodule.type() != read.input()->type() || !submodule.hasattr(name)) continue;
    if (const c10::IValue value = submodule.attr(name); value.isString())
      return value.toStringRef();
  }
  return std::nullopt;
}

/// The name as LibTorch prints it; nothing for what is no device.
std::optional<std::string> known_device(const std::string& name) try {
  return c10::Device(name).str();
} catch (const c10::Error&) {
  return std::nullopt;
}

/// Of `torch.device("cuda:0")`, `torch.device("cuda", 0)` and `torch.device(self.name)`.
std::optional<std::string> built_device(const jit::Module& module, const jit::Node& node) {
  std::optional<std::string> text;
  if (const auto constant = jit::toIValue(node.input(0)); constant && constant->isString()) {
    text = constant->toStringRef();
  } else if (node.input(0)->node()->kind() == c10::prim::GetAttr) {
    text = attribute_text(module, *node.input(0)->node());
  }
  if (!text) return std::nullopt;
  if (node.inputs().size() < 2) return known_device(*text);
  const auto index = jit::toIValue(node.input(1));
  if (!index || !index->isInt()) return known_device(*text);
  return known_device(*text + ":" + std::to_string(index->toInt()));
}

/// The argument that says where a new tensor is; null for operators that make none.
const jit::Value* place_of_new_tensor(const jit::Node& node) {
  const jit::Operator* op = node.kind().is_prim() ? nullptr : node.maybeOperator();
  if (op == nullptr || op->schema().is_vararg()) return nullptr;
  thread_local OperatorInfos infos;
  const OperatorInfo& info = infos.of(*op);
  const bool makes =
      info.placement == ResultPlacement::kFactory || info.placement == ResultPlacement::kLike;
  if (!makes || info.base == "to" || info.base == "_to_copy" || !info.device) return nullptr;
  return node.input(*info.device);
}

/// `x.device.type == "cuda"`
bool compares_type_with_cuda(const jit::Node& node) {
  if (!is_op(node, "aten::eq") && !is_op(node, "aten::ne")) return false;
  bool has_type = false, has_cuda = false;
  for (const jit::Value* input : node.inputs()) {
    has_type |= is_op(*input->node(), "prim::type");
    const auto constant = jit::toIValue(input);
    has_cuda |= constant && constant->isString() && constant->toStringRef() == "cuda";
  }
  return has_type && has_cuda;
}

std::optional<std::string> renamed(const std::string& device, const Names& names) {
  const auto found = names.find(device == "cuda" ? "cuda:0" : device);
  if (found == names.end()) return std::nullopt;
  return found->second;
}

void rename_defaults(jit::Function& function, const Names& names) {
  const c10::FunctionSchema& schema = function.getSchema();
  std::vector<c10::Argument> arguments = schema.arguments();
  bool changed = false;
  for (c10::Argument& argument : arguments) {
    const auto& old = argument.default_value();
    if (!old || !old->isDevice()) continue;
    const auto name = renamed(old->toDevice().str(), names);
    if (!name) continue;
    argument = c10::Argument(argument.name(), argument.type(), argument.N(),
                             c10::IValue(c10::Device(*name)), argument.kwarg_only());
    changed = true;
  }
  if (changed) function.setSchema(schema.cloneWithArguments(std::move(arguments)));
}

/// Where cuda:0 is another device, all of CUDA is.
std::vector<std::pair<std::string, std::string>> text_replacements(const Names& names) {
  if (const auto first = names.find("cuda:0"); first != names.end()) {
    return {{"cuda", first->second.substr(0, first->second.find(':'))}};
  }
  return {names.begin(), names.end()};
}

/// `torch.device(name)` becomes `torch.device(name.replace("cuda", "sim"))`.
void rename_built_device(jit::Node& node, const Names& names) {
  jit::Graph& graph = *node.owningGraph();
  const jit::WithInsertPoint before(&node);
  jit::Value* text = node.input(0);
  for (const auto& [from, to] : text_replacements(names)) {
    text = graph.insert(c10::Symbol::aten("replace"), {text, from, to});
  }
  node.replaceInput(0, text);
}

/// `x.cuda()` becomes `x.to(torch.device("sim:0"))`.
void rename_cuda_call(jit::Node& node, const std::string& device) {
  jit::Graph& graph = *node.owningGraph();
  const jit::WithInsertPoint before(&node);
  jit::Value* place = graph.insertConstant(c10::Device(device));
  jit::Value* none = graph.insertConstant(c10::IValue());
  jit::Value* moved = graph.insert(c10::aten::to, {node.input(0), place, none});
  moved->node()->copyMetadata(&node);
  node.output()->replaceAllUsesWith(moved);
  node.destroy();
}

void rename_in(jit::Node& node, const Names& names) {
  if (is_op(node, "aten::device")) {
    if (node.input(0)->type()->kind() == c10::TypeKind::StringType) {
      rename_built_device(node, names);
    }
  } else if (is_op(node, "aten::cuda")) {
    if (const auto name = renamed("cuda", names)) rename_cuda_call(node, *name);
  } else if (node.kind() == c10::prim::Constant) {
    const auto device = constant_device(*node.output());
    const auto name = device ? renamed(*device, names) : std::nullopt;
    if (name) node.s_(c10::attr::value, *name);
  }
}

}  // namespace

GraphDevices devices_in_graphs(const jit::Module& module) {
  GraphDevices devices;
  for_each_node_of(module, [&](jit::Node& node) {
    if (const jit::Value* place = place_of_new_tensor(node)) {
      auto made_on = constant_device(*place);
      if (!made_on && is_op(*place->node(), "aten::device")) {
        made_on = built_device(module, *place->node());
      }
      if (made_on) devices.factories.insert(*made_on);
    }
    if (node.kind() == c10::prim::Constant && node.outputs().size() == 1) {
      if (const auto device = constant_device(*node.output())) devices.others.insert(*device);
    }
    if (is_op(node, "aten::device")) {
      if (const auto device = built_device(module, node)) devices.others.insert(*device);
    }
    if (is_op(node, "aten::cuda")) devices.others.insert("cuda");
    devices.asks_for_cuda |= is_op(node, "prim::is_cuda") || is_op(node, "aten::is_cuda") ||
                             compares_type_with_cuda(node);
  });
  return devices;
}

void rename_devices(jit::Module& module, const Names& names) {
  std::vector<jit::Node*> nodes;  // Before the first edit, which makes and destroys some.
  for_each_node_of(module, [&](jit::Node& node) { nodes.push_back(&node); });
  for (jit::Node* node : nodes) rename_in(*node, names);
  for_each_function(module,
                    [&](jit::GraphFunction& function) { rename_defaults(function, names); });
}

}  // namespace crosstrace::detail
