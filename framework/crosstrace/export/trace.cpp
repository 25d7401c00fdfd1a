// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/core/GradMode.h>
#include <crosstrace/base/accelerator.h>
#include <crosstrace/base/with_none.h>
#include <crosstrace/export/detail/traced_answer.h>
#include <crosstrace/export/kept_tensors.h>
#include <crosstrace/export/mirror.h>
#include <crosstrace/export/source_recorder.h>
#include <crosstrace/export/trace.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/nn/module.h>

#include <stdexcept>
#include <string_view>

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

/// Tensors that forward uses and that no module has registered become constants of the graph. The
/// tracer would take the tensor itself, into which forward may write: the graph gets a copy of what
/// it was before.
void keep_constant(torch::jit::Node& node, KeptTensors& kept, std::vector<at::Tensor>* captured) {
  const bool holds_tensor = node.kind() == c10::prim::Constant &&
                            node.hasAttribute(c10::attr::value) &&
                            node.kindOf(c10::attr::value) == torch::jit::AttributeKind::t;
  if (!holds_tensor) return;
  const at::Tensor tensor = node.t(c10::attr::value);
  if (tensor.unsafeGetTensorImpl()->is_wrapped_number()) return;  // The 2 of `x * 2`.
  node.t_(c10::attr::value, kept.keep(tensor));
  if (captured != nullptr) captured->push_back(tensor);
}

void keep_state(const EagerModel& model, Keep keep, KeptTensors& kept) {
  if (!model.module) return;
  if (keep == Keep::kState) {
    for (const at::Tensor& parameter : model.module->parameters()) kept.keep(parameter);
  }
  for (const at::Tensor& buffer : model.module->buffers()) kept.keep(buffer);
}

/// What an operator kept for its backward pass comes back as a tensor that the tracer never saw, and
/// that it refuses to bake in (tracer.cpp, getValue).
bool is_lost_backward_pass(const std::exception& error) {
  const std::string_view what = error.what();
  return c10::GradMode::is_enabled() &&
         what.find("requires grad as a constant") != std::string_view::npos;
}

std::shared_ptr<torch::jit::Graph> record(const EagerModel& model, const Inputs& inputs,
                                          torch::jit::Module& self,
                                          std::vector<at::Tensor>* captured, Keep keep) {
  const std::vector<std::size_t> traced = traceable(inputs);
  torch::jit::Stack stack;
  std::vector<std::string> names;
  for (std::size_t i : traced) {
    stack.push_back(inputs[i]);
    names.push_back(argument_name(i));
  }
  KeptTensors kept;
  keep_state(model, keep, kept);
  SourceRecorder sources([&](torch::jit::Node& node) { keep_constant(node, kept, captured); });
  c10::IValue answer;
  auto call = [&](torch::jit::Stack values) -> torch::jit::Stack {
    sources.start(__builtin_frame_address(0));
    Inputs all = inputs;
    for (std::size_t k = 0; k < traced.size(); ++k) all[traced[k]] = std::move(values[k]);
    answer = with_none(model.forward(all));
    return detail::tensors_of_answer(answer);
  };
  auto no_name = [](const at::Tensor&) { return std::string(); };
  // Strict would refuse and warn of containers, whose form `restore_answer` knows.
  auto state = tracer::trace(std::move(stack), call, no_name, /*strict=*/false,
                             /*force_outplace=*/false, &self, names);
  sources.name_sources(*state.first->graph);
  detail::restore_answer(*state.first->graph, answer);
  restore_signature(*state.first->graph, inputs, traced);
  return state.first->graph;
}

std::shared_ptr<torch::jit::Graph> record_or_explain(const EagerModel& model, const Inputs& inputs,
                                                     torch::jit::Module& self,
                                                     std::vector<at::Tensor>* captured,
                                                     Keep keep) try {
  return record(model, inputs, self, captured, keep);
} catch (const std::exception& error) {
  if (!is_lost_backward_pass(error)) throw;
  throw std::runtime_error(
      "forward differentiates, and LibTorch's tracer cannot record its backward pass; give the "
      "model as .script(...), or as an archive of torch.jit.script");
}

}  // namespace

torch::jit::Module trace(const EagerModel& model, const Inputs& inputs, const std::string& name,
                         std::vector<at::Tensor>* captured, Keep keep) {
  torch::jit::Module module = mirror(model.module.get(), name);
  const AcceleratorScope accelerator(accelerator_of(inputs));
  auto graph = record_or_explain(model, inputs, module, captured, keep);
  auto* forward = module._ivalue()->compilation_unit()->create_function(
      c10::QualifiedName(*module.type()->name(), "forward"), graph);
  module.type()->addMethod(forward);
  return module;
}

}  // namespace crosstrace
