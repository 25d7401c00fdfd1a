// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/export/mirror.h>
#include <crosstrace/export/source_recorder.h>
#include <crosstrace/export/trace.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/ir.h>

#include <stdexcept>

namespace crosstrace {
namespace {

namespace tracer = torch::jit::tracer;

enum class Kind { kTensors, kPlain, kMixed };

struct Parts {
  bool tensors = false;
  bool plain = false;
};

/// Keys of dicts do not count: the tracer takes dicts of tensors.
void look_into(const c10::IValue& value, Parts& parts) {
  if (value.isTensor()) {
    parts.tensors = true;
  } else if (value.isTuple()) {
    for (const c10::IValue& item : value.toTupleRef().elements()) look_into(item, parts);
  } else if (value.isList()) {
    for (const c10::IValue& item : value.toListRef()) look_into(item, parts);
  } else if (value.isGenericDict()) {
    for (const auto& item : value.toGenericDict()) look_into(item.value(), parts);
  } else {
    parts.plain = true;
  }
}

Kind kind_of(const c10::IValue& value) {
  Parts parts;
  look_into(value, parts);
  if (parts.tensors && parts.plain) return Kind::kMixed;
  return parts.tensors ? Kind::kTensors : Kind::kPlain;
}

std::string argument_name(std::size_t i) { return "input_" + std::to_string(i); }

/// Which arguments the tracer takes; it refuses all that is not made of tensors (addInput of
/// torch/csrc/jit/frontend/tracer.cpp).
std::vector<std::size_t> traceable(const Inputs& inputs) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Kind kind = kind_of(inputs[i]);
    if (kind == Kind::kMixed) {
      throw std::invalid_argument("argument " + std::to_string(i) +
                                  " mixes tensors with other values (" +
                                  inputs[i].type()->repr_str() +
                                  "), which cannot be traced; script the model or pass them apart");
    }
    if (kind == Kind::kTensors) chosen.push_back(i);
  }
  return chosen;
}

/// Puts the arguments that the tracer did not see back into the signature; nothing in the graph
/// uses them.
void restore_signature(torch::jit::Graph& graph, const Inputs& inputs,
                       const std::vector<std::size_t>& traced) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (next < traced.size() && traced[next] == i) {
      ++next;
      continue;
    }
    auto* value = graph.insertInput(i + 1, argument_name(i));  // Input 0 is self.
    value->setType(inputs[i].isNone() ? c10::OptionalType::ofTensor() : inputs[i].type());
  }
}

std::shared_ptr<torch::jit::Graph> record(const EagerModel& model, const Inputs& inputs,
                                          torch::jit::Module& self) {
  const std::vector<std::size_t> traced = traceable(inputs);
  torch::jit::Stack stack;
  std::vector<std::string> names;
  for (std::size_t i : traced) {
    stack.push_back(inputs[i]);
    names.push_back(argument_name(i));
  }
  SourceRecorder sources;
  auto call = [&](torch::jit::Stack values) -> torch::jit::Stack {
    sources.start(__builtin_frame_address(0));
    Inputs all = inputs;
    for (std::size_t k = 0; k < traced.size(); ++k) all[traced[k]] = std::move(values[k]);
    return {model.forward(all)};
  };
  auto no_name = [](const at::Tensor&) { return std::string(); };
  auto state = tracer::trace(std::move(stack), call, no_name, /*strict=*/true,
                             /*force_outplace=*/false, &self, names);
  sources.name_sources(*state.first->graph);
  restore_signature(*state.first->graph, inputs, traced);
  return state.first->graph;
}

}  // namespace

torch::jit::Module trace(const EagerModel& model, const Inputs& inputs, const std::string& name) {
  torch::jit::Module module = mirror(model.module.get(), name);
  auto graph = record(model, inputs, module);
  auto* forward = module._ivalue()->compilation_unit()->create_function(
      c10::QualifiedName(*module.type()->name(), "forward"), graph);
  module.type()->addMethod(forward);
  return module;
}

}  // namespace crosstrace
