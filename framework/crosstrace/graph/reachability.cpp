// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/graph/reachability.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>

namespace crosstrace {
namespace {

using torch::jit::Node;
using torch::jit::Value;
using Known = std::optional<c10::IValue>;

bool is_assigned(const Program& program, const c10::ivalue::Object& owner,
                 const std::string& name) {
  const auto& attributes = program.attributes();
  return std::any_of(attributes.begin(), attributes.end(), [&](const Attribute& attribute) {
    return attribute.is_set && attribute.name == name && attribute.owner.type() == owner.type();
  });
}

Known attribute(const Program& program, const InlinedMethod& method, const Node& node) {
  const auto owner = known_value(program, method, *node.input());
  if (!owner || !owner->isObject()) return std::nullopt;
  const auto object = owner->toObject();
  const std::string& name = node.s(c10::attr::name);
  const auto slot = object->type()->findAttributeSlot(name);
  if (!slot || is_assigned(program, *object, name)) return std::nullopt;
  return object->getSlot(*slot);
}

/// Of what prints alike and compares alike: numbers, strings, None, devices.
Known compare(const c10::IValue& a, const c10::IValue& b, bool wanted) {
  const auto is_simple = [](const c10::IValue& value) {
    return value.isInt() || value.isBool() || value.isString() || value.isNone() ||
           value.isDevice();
  };
  if (a.isNone() || b.isNone()) return c10::IValue((a.isNone() && b.isNone()) == wanted);
  if (!is_simple(a) || !is_simple(b) || a.tagKind() != b.tagKind()) return std::nullopt;
  return c10::IValue((a == b) == wanted);
}

std::optional<bool> order(c10::Symbol kind, int64_t a, int64_t b) {
  if (kind == c10::aten::lt) return a < b;
  if (kind == c10::aten::le) return a <= b;
  if (kind == c10::aten::gt) return a > b;
  if (kind == c10::aten::ge) return a >= b;
  return std::nullopt;
}

Known comparison(const Program& program, const InlinedMethod& method, const Node& node) {
  if (node.inputs().size() != 2 || !node.kind().is_aten()) return std::nullopt;
  const bool equal = node.kind() == c10::aten::eq || node.kind() == c10::aten::__is__;
  const bool differ = node.kind() == c10::aten::ne || node.kind() == c10::aten::__isnot__;
  if (!equal && !differ && !order(node.kind(), 0, 0)) return std::nullopt;
  const auto a = known_value(program, method, *node.input(0));
  const auto b = known_value(program, method, *node.input(1));
  if (!a || !b) return std::nullopt;
  if (equal || differ) return compare(*a, *b, equal);
  if (!a->isInt() || !b->isInt()) return std::nullopt;
  return c10::IValue(*order(node.kind(), a->toInt(), b->toInt()));
}

/// `a or b` is a branch that gives one or the other.
Known chosen(const Program& program, const InlinedMethod& method, const Value& value) {
  const Node& node = *value.node();
  const auto condition = known_value(program, method, *node.input());
  if (!condition || !condition->isBool()) return std::nullopt;
  return known_value(program, method,
                     *node.blocks()[condition->toBool() ? 0 : 1]->outputs()[value.offset()]);
}

Known negation(const Program& program, const InlinedMethod& method, const Node& node) {
  const auto inner = known_value(program, method, *node.input());
  if (!inner || !inner->isBool()) return std::nullopt;
  return c10::IValue(!inner->toBool());
}

}  // namespace

Known known_value(const Program& program, const InlinedMethod& method, const Value& value) {
  if (!method.graph->inputs().empty() && &value == method.graph->inputs().front())
    return c10::IValue(method.self._ivalue());
  const Node& node = *value.node();
  if (node.kind() == c10::prim::GetAttr) return attribute(program, method, node);
  if (node.kind() == c10::prim::If) return chosen(program, method, value);
  if (node.kind() == c10::aten::__not__) return negation(program, method, node);
  if (node.kind() == c10::prim::unchecked_unwrap_optional ||
      node.kind() == c10::prim::unchecked_cast)
    return known_value(program, method, *node.input());
  const auto compared = comparison(program, method, node);
  return compared ? compared : torch::jit::toIValue(&value);
}

Reachability reachability_of(const Program& program, const InlinedMethod& method,
                             const Node& node) {
  Reachability result = Reachability::kAlways;
  const torch::jit::Block* block = node.owningBlock();
  for (; block->owningNode() != nullptr; block = block->owningNode()->owningBlock()) {
    const Node& around = *block->owningNode();
    const auto condition = around.kind() == c10::prim::If
                               ? known_value(program, method, *around.input())
                               : std::nullopt;
    if (!condition || !condition->isBool()) {
      result = Reachability::kMaybe;
    } else if (around.blocks()[condition->toBool() ? 0 : 1] != block) {
      return Reachability::kNever;
    }
  }
  return result;
}

}  // namespace crosstrace
