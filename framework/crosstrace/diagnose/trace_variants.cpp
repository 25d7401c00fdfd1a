// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <c10/util/StringUtil.h>
#include <crosstrace/base/autograd.h>
#include <crosstrace/base/tensors_in.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/process_state.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/diagnose/trace_differences.h>
#include <crosstrace/export/export.h>
#include <crosstrace/export/trace.h>
#include <torch/nn/module.h>

#include <functional>
#include <optional>
#include <sstream>

namespace crosstrace {
namespace {

/// One way to trace a model.
struct Variant {
  std::string device;
  std::size_t input_set = 0;
  std::function<at::Tensor(const at::Tensor&)> change;  ///< Of each input tensor; may be empty.
  bool in_double = false;
};

using Graph = std::shared_ptr<torch::jit::Graph>;

Inputs inputs_of(const Model& model, const Variant& variant, std::uint64_t seed) {
  Inputs inputs = make_inputs(model, variant.input_set, seed);
  for (c10::IValue& input : inputs) {
    input = move_value(input, to_device(variant.device));
    if (!variant.change) continue;
    change_tensors(input, [&](const at::Tensor& tensor) {
      return tensor.defined() ? variant.change(tensor) : tensor;
    });
  }
  return inputs;
}

/// Nothing if the model refuses what the variant asks of it.
std::optional<Graph> trace_variant(const Model& model, const Variant& variant,
                                   std::uint64_t seed) try {
  const ProcessStateScope process;
  return without_autograd_if_possible([&] {
    EagerModel eager = make_eager(model, seed);
    if (eager.module && variant.in_double) eager.module->to(at::kDouble);
    if (eager.module) move_module(*eager.module, to_device(variant.device));
    const Inputs inputs = inputs_of(model, variant, seed);
    seed_generators(seed);
    return trace(eager, inputs, model.name, nullptr, Keep::kBuffers).get_method("forward").graph();
  });
} catch (const std::exception&) {
  return std::nullopt;
}

at::Tensor to_double(const at::Tensor& tensor) {
  return tensor.is_floating_point() ? tensor.to(at::kDouble) : tensor;
}

at::Tensor twice(const at::Tensor& tensor) {
  return tensor.dim() == 0 ? tensor : at::cat({tensor, tensor});
}

std::string sizes_of(const Inputs& inputs) {
  std::vector<std::string> texts;
  for (const c10::IValue& input : inputs) {
    visit_tensors(input, [&](const at::Tensor& tensor) {
      std::ostringstream text;
      text << tensor.sizes();
      texts.push_back(text.str());
    });
  }
  return c10::Join(", ", texts);
}

/// Another input set with other sizes; else the first with all tensors twice as long.
Variant other_sizes(const Model& model, const std::string& device, std::uint64_t seed) {
  const std::string sizes = sizes_of(make_inputs(model, 0, seed));
  for (std::size_t set = 1; set < model.inputs.size(); ++set) {
    if (sizes_of(make_inputs(model, set, seed)) != sizes) return {device, set};
  }
  return {device, 0, twice};
}

void append(std::vector<Finding>& findings, std::vector<Finding> more) {
  findings.insert(findings.end(), more.begin(), more.end());
}

}  // namespace

std::vector<Finding> compare_traces(const Model& model, const std::vector<std::string>& devices,
                                    std::uint64_t seed) {
  if (!model.eager || devices.empty()) return {};
  const Variant home{devices.front()};
  const auto base = trace_variant(model, home, seed);
  if (!base) return {};
  std::vector<Finding> findings;
  for (std::size_t i = 1; i < devices.size(); ++i) {
    const auto other = trace_variant(model, {devices[i]}, seed);
    if (other) append(findings, compare_devices({home.device, *base}, {devices[i], *other}));
  }
  const Variant resized = other_sizes(model, home.device, seed);
  if (const auto other = trace_variant(model, resized, seed)) {
    append(findings, compare_sizes({sizes_of(inputs_of(model, home, seed)), *base},
                                   {sizes_of(inputs_of(model, resized, seed)), *other}));
  }
  const Variant in_double{home.device, 0, to_double, true};
  if (const auto other = trace_variant(model, in_double, seed))
    append(findings, compare_dtypes({"default", *base}, {"double", *other}));
  return findings;
}

}  // namespace crosstrace
