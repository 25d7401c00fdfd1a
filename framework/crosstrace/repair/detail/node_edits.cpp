// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/repair/detail/node_edits.h>

#include <optional>
#include <string_view>

namespace crosstrace::detail {
namespace {

namespace jit = torch::jit;

EditResult nothing_to_follow(const std::string& what) {
  return {false,
          what + " has no tensor argument, parameter or buffer in its method to take a device from",
          "Give the method a tensor argument, or register a buffer, and take its device."};
}

std::optional<std::size_t> device_argument(const jit::Node& node) {
  const c10::FunctionSchema* schema = node.maybeSchema();
  if (schema == nullptr) return std::nullopt;
  const auto index = schema->argumentIndexWithName("device");
  if (!index) return std::nullopt;
  return static_cast<std::size_t>(*index);
}

bool follows_first_argument(const jit::Node& node) {
  const std::string_view name = node.kind().toUnqualString();
  return name.ends_with("_like") || name.starts_with("new_");
}

bool is_transfer(const jit::Node& node) {
  const std::string_view name = node.kind().toUnqualString();
  return name == "to" || name == "_to_copy";
}

/// `x.cpu()` and `x.cuda()` name the device by their own name, so a `to` takes their place.
EditResult replace_named_transfer(jit::Node& node, DeviceSources& anchors, jit::Value* anchor) {
  const std::string name = node.kind().toQualString();
  const auto source = anchors.device_of(anchor);
  if (!source) return nothing_to_follow(name);
  jit::Graph& graph = *node.owningGraph();
  jit::WithInsertPoint before(&node);
  jit::Value* none = graph.insertConstant(c10::IValue());
  jit::Value* moved = graph.insert(c10::aten::to, {node.input(0), source->device, none});
  moved->node()->copyMetadata(&node);
  node.output()->replaceAllUsesWith(moved);
  node.destroy();
  return {true, name + " became aten::to, and moves to the device of " + source->name, ""};
}

/// A reader of the number itself, which has no use for a device.
bool reads_number(const jit::Node& node) {
  const std::string_view name = node.kind().toUnqualString();
  return name == "Int" || name == "Float" || name == "item" || name.ends_with("Implicit");
}

/// A size that a trace made a tensor of: the tensor is moved, for what it is made by takes no
/// device.
EditResult move_number(jit::Node& node, DeviceSources& anchors, jit::Value* anchor) {
  const auto source = anchors.device_of(anchor);
  if (!source) return nothing_to_follow("prim::NumToTensor");
  const std::vector<jit::Use> uses = node.output()->uses();
  jit::Graph& graph = *node.owningGraph();
  jit::WithInsertPoint behind(node.next());
  jit::Value* none = graph.insertConstant(c10::IValue());
  jit::Value* moved = graph.insert(c10::aten::to, {node.output(), source->device, none});
  moved->node()->copyMetadata(&node);
  for (const jit::Use& use : uses) {
    if (!reads_number(*use.user)) use.user->replaceInput(use.offset, moved);
  }
  return {true, "the number that prim::NumToTensor holds is moved to the device of " + source->name,
          ""};
}

}  // namespace

EditResult follow_anchor(jit::Node& node, DeviceSources& anchors, jit::Value* anchor) {
  static const auto cpu = c10::Symbol::aten("cpu"), cuda = c10::Symbol::aten("cuda");
  if (node.kind() == cpu || node.kind() == cuda) {
    return replace_named_transfer(node, anchors, anchor);
  }
  if (node.kind() == c10::prim::NumToTensor) return move_number(node, anchors, anchor);
  const std::string name = node.kind().toQualString();
  const auto index = device_argument(node);
  if (!index) {
    return {false, name + " makes a tensor on a device of its own choice",
            "Move its result with `.to(x.device)`, where x is a tensor that it meets."};
  }
  if (follows_first_argument(node)) {
    jit::WithInsertPoint before(&node);
    node.replaceInput(*index, node.owningGraph()->insertConstant(c10::IValue()));
    return {true, name + " makes its tensor on the device of its argument", ""};
  }
  const auto source = anchors.device_of(anchor);
  if (!source) return nothing_to_follow(name);
  node.replaceInput(*index, source->device);
  return {
      true,
      name +
          (is_transfer(node) ? " moves to the device of " : " makes its tensor on the device of ") +
          source->name,
      ""};
}

EditResult replace_device_read(jit::Node& read, DeviceSources& anchors, jit::Value* anchor) {
  const std::string& name = read.s(c10::attr::name);
  const auto source = anchors.device_of(anchor);
  if (!source) return nothing_to_follow(name);
  read.output()->replaceAllUsesWith(source->device);
  read.destroy();
  return {true, name + " is the device of " + source->name + " where it is read", ""};
}

}  // namespace crosstrace::detail
