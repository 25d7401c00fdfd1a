// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/graph/attribute_path.h>
#include <crosstrace/graph/program.h>
#include <crosstrace/repair/detail/device_source.h>

#include <algorithm>
#include <vector>

namespace crosstrace::detail {
namespace {

namespace jit = torch::jit;

bool is_tensor(const c10::TypePtr& type) { return type->isSubtypeOf(*c10::TensorType::get()); }

/// The name that the author gave: `x` of `x.1`.
std::string name_of(const jit::Value& value) {
  if (const auto path = attribute_path(&value); path && !path->empty()) return join_names(*path);
  const std::string name = value.debugName();
  return name.substr(0, name.find('.'));
}

/// Inserts what reads a tensor out of `value`; null, and nothing inserted, if it holds none for
/// sure.
/// @param empty_allowed also of lists and dicts, which may turn out to be empty.
jit::Value* tensor_in(jit::Graph& graph, jit::Value* value, bool empty_allowed);

bool holds_tensor(const c10::TypePtr& type, bool empty_allowed) {
  if (is_tensor(type)) return true;
  const auto kind = type->kind();
  const bool is_open = kind == c10::TypeKind::ListType || kind == c10::TypeKind::DictType;
  if (kind != c10::TypeKind::TupleType && !(is_open && empty_allowed)) return false;
  const auto inner = type->containedTypes();
  if (is_open) return holds_tensor(inner.back(), empty_allowed);
  return std::any_of(inner.begin(), inner.end(),
                     [&](const auto& item) { return holds_tensor(item, empty_allowed); });
}

jit::Value* in_tuple(jit::Graph& graph, jit::Value* value, bool empty_allowed) {
  const auto types = value->type()->containedTypes();
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (!holds_tensor(types[i], empty_allowed)) continue;
    jit::Value* index = graph.insertConstant(static_cast<int64_t>(i));
    jit::Node* item = graph.insertNode(graph.createTupleIndex(value, index, types[i]));
    return tensor_in(graph, item->output(), empty_allowed);
  }
  return nullptr;
}

jit::Value* tensor_in(jit::Graph& graph, jit::Value* value, bool empty_allowed) {
  if (!holds_tensor(value->type(), empty_allowed)) return nullptr;
  if (is_tensor(value->type())) return value;
  if (value->type()->kind() == c10::TypeKind::TupleType)
    return in_tuple(graph, value, empty_allowed);
  if (value->type()->kind() == c10::TypeKind::DictType) {
    value = graph.insert(c10::Symbol::aten("values"), {value});
  }
  return tensor_in(graph, graph.insert(c10::aten::__getitem__, {value, 0}), empty_allowed);
}

/// Parameters and buffers that the graph reads, in order.
std::vector<jit::Value*> moving_attributes(jit::Graph& graph) {
  std::vector<jit::Value*> found;
  for_each_node(*graph.block(), [&](jit::Node& node) {
    if (node.kind() != c10::prim::GetAttr || !is_tensor(node.output()->type())) return;
    const auto type = node.input()->type()->cast<c10::ClassType>();
    const auto slot = type ? type->findAttributeSlot(node.s(c10::attr::name)) : std::nullopt;
    const bool moves =
        slot && type->is_module() && (type->is_parameter(*slot) || type->is_buffer(*slot));
    if (moves && attribute_path(node.output())) found.push_back(node.output());
  });
  return found;
}

}  // namespace

/// The same value, computed at the insertion point; null if that takes more than arguments and
/// attributes.
jit::Value* DeviceSources::at_start(jit::Value* value) {
  if (value->node()->kind() == c10::prim::Param) {
    return value->node() == graph_.param_node() ? value : nullptr;
  }
  const auto path = attribute_path(value);
  if (!path) return nullptr;
  jit::Value* copy = graph_.inputs().front();
  for (const std::string& name : *path) copy = graph_.insertGetAttr(copy, name);
  return copy;
}

std::optional<DeviceSource> DeviceSources::read(jit::Value* value, bool empty_allowed) {
  if (value->owningGraph() != &graph_) return std::nullopt;
  if (!holds_tensor(value->type(), empty_allowed)) return std::nullopt;
  const std::string name = name_of(*value);
  const auto path = attribute_path(value);
  const std::string key = path ? "self." + join_names(*path) : value->debugName();
  if (const auto found = known_.find(key); found != known_.end()) {
    return DeviceSource{found->second, name};
  }
  jit::WithInsertPoint at_begin(*graph_.block()->nodes().begin());
  jit::Value* copy = at_start(value);
  if (copy == nullptr) return std::nullopt;
  jit::Value* device = graph_.insert(c10::prim::device, {tensor_in(graph_, copy, empty_allowed)});
  known_.emplace(key, device);
  return DeviceSource{device, name};
}

std::optional<DeviceSource> DeviceSources::any(jit::Value* wanted) {
  std::vector<jit::Value*> arguments(graph_.inputs().begin(), graph_.inputs().end());
  if (wanted != nullptr) arguments.insert(arguments.begin(), wanted);
  for (jit::Value* value : arguments) {
    if (auto source = read(value, /*empty_allowed=*/false)) return source;
  }
  for (jit::Value* value : moving_attributes(graph_)) {
    if (auto source = read(value, /*empty_allowed=*/false)) return source;
  }
  for (jit::Value* value : arguments) {
    if (auto source = read(value, /*empty_allowed=*/true)) return source;
  }
  return std::nullopt;
}

std::optional<DeviceSource> DeviceSources::device_of(jit::Value* wanted) { return any(wanted); }

}  // namespace crosstrace::detail
