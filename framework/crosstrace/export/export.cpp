// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/autograd.h>
#include <crosstrace/base/call_method.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/on_cpu.h>
#include <crosstrace/devices/process_state.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/export/buffers.h>
#include <crosstrace/export/copy_module.h>
#include <crosstrace/export/export.h>
#include <crosstrace/export/mirror.h>
#include <crosstrace/export/saved_module.h>
#include <crosstrace/export/trace.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/nn/module.h>

#include <optional>
#include <utility>
#include <vector>

namespace crosstrace {
namespace {

EagerModel call_factory(const Model& model, std::uint64_t seed) {
  seed_generators(seed);
  EagerModel eager = model.eager();
  if (!eager.module) return eager;
  eager.module->eval();
  move_module(*eager.module, c10::kCPU);  // A factory may have moved it to its GPU.
  return eager;
}

torch::jit::Module script(const Model& model, std::uint64_t seed) {
  EagerModel eager;
  if (model.eager) eager = call_factory(model, seed);
  torch::jit::Module module = mirror(eager.module.get(), model.name);
  module.define(model.script);
  module.eval();
  return module;
}

/// What changes of parameters when they are written; nothing if that cannot be told.
using Marks = std::vector<std::pair<const void*, std::uint32_t>>;

std::optional<Marks> marks_of_parameters(const EagerModel& model) {
  Marks marks;
  if (!model.module) return marks;
  for (const at::Tensor& parameter : model.module->parameters()) {
    if (!parameter.has_storage() || parameter.is_inference()) return std::nullopt;
    marks.emplace_back(parameter.storage().unsafeGetStorageImpl(), parameter._version());
  }
  return marks;
}

/// Nothing if forward wrote into a parameter that was not kept.
std::optional<Export> traced(const Model& model, c10::Device device, std::uint64_t seed,
                             Keep keep) {
  EagerModel eager = call_factory(model, seed);
  if (eager.module) move_module(*eager.module, device);
  Inputs inputs = make_inputs(model, 0, seed);
  for (c10::IValue& input : inputs) input = move_value(input, device);
  seed_generators(seed);
  std::vector<at::Tensor> captured;
  const std::optional<Marks> before = marks_of_parameters(eager);
  if (keep != Keep::kState && !before) return std::nullopt;
  const torch::jit::Module module = trace(eager, inputs, model.name, &captured, keep);
  const bool is_spoiled = keep != Keep::kState && marks_of_parameters(eager) != before;
  if (is_spoiled) return std::nullopt;
  return Export(module, std::move(captured));
}

/// Hardly any forward writes into parameters, and to keep them costs a copy of all.
Export traced(const Model& model, c10::Device device, std::uint64_t seed) {
  if (auto made = traced(model, device, seed, Keep::kBuffers)) return *std::move(made);
  return traced(model, device, seed, Keep::kState).value();
}

}  // namespace

Export::Export(const torch::jit::Module& module, std::vector<at::Tensor> captured)
    : module_(module),
      captured_(std::move(captured)),
      saved_(std::make_shared<SavedModule>(module)) {}

Export::Export(const Archive& archive, StandIns stand_ins)
    : archive_(archive), stand_ins_(std::move(stand_ins)) {
  (void)archive.file();
}

torch::jit::Module Export::copy() const {
  if (archive_) return archive_->load(std::nullopt, stand_ins_);
  return copy_module(*module_);
}

torch::jit::Module Export::load(c10::Device device) const {
  if (archive_) return archive_->load(device, stand_ins_);
  return torch::jit::load(saved_, device);
}

std::vector<ExportKind> export_kinds(const Model& model) {
  if (model.archive) return {ExportKind::kArchive};
  std::vector<ExportKind> kinds;
  if (model.eager) kinds.push_back(ExportKind::kTrace);
  if (!model.script.empty()) kinds.push_back(ExportKind::kScript);
  return kinds;
}

Export export_model(const Model& model, ExportKind kind, const std::string& trace_device,
                    std::uint64_t seed) {
  const ProcessStateScope process;
  const AutogradScope off(false);
  if (kind == ExportKind::kArchive) return Export(model.archive.value());
  const c10::Device device = to_device(trace_device);
  if (kind == ExportKind::kScript) {
    torch::jit::Module module = script(model, seed);
    move_module(module, device);
    return Export(module);
  }
  return without_autograd_if_possible([&] { return traced(model, device, seed); });
}

EagerModel make_eager(const Model& model, std::uint64_t seed) {
  if (model.eager && model.method == "forward") return call_factory(model, seed);
  auto module = std::make_shared<torch::jit::Module>(script(model, seed));
  return {nullptr,
          [module, method = model.method](const Inputs& inputs) {
            return call_method(*module, method, inputs);
          },
          [module] { return buffers_of(*module); }};
}

Inputs make_inputs(const Model& model, std::size_t set, std::uint64_t seed) {
  seed_generators(seed);
  Inputs inputs = model.inputs.at(set)();
  for (c10::IValue& input : inputs) {
    input = move_value(copy_value(input), c10::kCPU);  // A generator may keep its tensors.
  }
  return inputs;
}

}  // namespace crosstrace
