// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/export/detail/traced_answer.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace crosstrace::detail {
namespace {

using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

/// Parts in the order in which they are visited and made.
std::vector<c10::IValue> parts_of(const c10::IValue& value) {
  std::vector<c10::IValue> parts;
  if (value.isTuple()) {
    const auto& elements = value.toTupleRef().elements();
    parts.assign(elements.begin(), elements.end());
  } else if (value.isList()) {
    for (const c10::IValue& element : value.toListRef()) parts.push_back(element);
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      parts.push_back(entry.key());
      parts.push_back(entry.value());
    }
  }
  return parts;
}

void collect(const c10::IValue& value, std::vector<c10::IValue>& tensors) {
  if (value.isTensor()) {
    if (value.toTensor().defined()) tensors.push_back(value);
    return;
  }
  for (const c10::IValue& part : parts_of(value)) collect(part, tensors);
}

bool holds_undefined(const c10::IValue& value) {
  if (value.isTensor()) return !value.toTensor().defined();
  const std::vector<c10::IValue> parts = parts_of(value);
  return std::any_of(parts.begin(), parts.end(), holds_undefined);
}

/// Null if its fields have no names. LibTorch knows no type of a tuple with an undefined tensor.
c10::TupleTypePtr named_type(const c10::IValue& tuple) {
  if (holds_undefined(tuple)) return nullptr;
  const auto type = tuple.type()->expect<c10::TupleType>();
  return type->schema() ? type : nullptr;
}

class Builder {
 public:
  Builder(Graph& graph, std::vector<Value*> tensors)
      : graph_(graph), tensors_(std::move(tensors)) {}

  Value* build(const c10::IValue& value) {
    if (value.isTensor()) {
      if (!value.toTensor().defined()) return graph_.insertConstant(c10::IValue());
      return tensors_.at(next_++);
    }
    if (value.isTuple() || value.isList() || value.isGenericDict()) return build_container(value);
    const auto constant = torch::jit::tryInsertConstant(graph_, value);
    if (!constant) {
      throw std::invalid_argument("forward answers a value of type " + value.type()->repr_str() +
                                  ", which cannot be traced; script the model");
    }
    return *constant;
  }

 private:
  Value* build_container(const c10::IValue& value) {
    std::vector<Value*> parts;
    for (const c10::IValue& part : parts_of(value)) parts.push_back(build(part));
    return graph_.insertNode(container(value, parts))->output();
  }

  Node* container(const c10::IValue& value, const std::vector<Value*>& parts) {
    if (value.isList()) return graph_.createList(value.toList().elementType(), parts);
    if (value.isTuple()) return graph_.createTuple(parts, named_type(value));
    std::vector<Value*> keys, values;
    for (std::size_t i = 0; i < parts.size(); ++i) (i % 2 == 0 ? keys : values).push_back(parts[i]);
    const auto dict = value.toGenericDict();
    return graph_.createDict(dict.keyType(), dict.valueType(), keys, values);
  }

  Graph& graph_;
  std::vector<Value*> tensors_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<c10::IValue> tensors_of_answer(const c10::IValue& answer) {
  std::vector<c10::IValue> tensors;
  collect(answer, tensors);
  return tensors;
}

void restore_answer(Graph& graph, const c10::IValue& answer) {
  const auto outputs = graph.outputs();
  Builder builder(graph, {outputs.begin(), outputs.end()});
  const torch::jit::WithInsertPoint at_end(graph.block());
  Value* whole = builder.build(answer);
  for (std::size_t i = graph.outputs().size(); i > 0; --i) graph.eraseOutput(i - 1);
  graph.registerOutput(whole);
}

}  // namespace crosstrace::detail
