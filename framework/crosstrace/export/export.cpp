// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/export/export.h>
#include <crosstrace/export/mirror.h>
#include <crosstrace/export/trace.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/nn/module.h>

#include <sstream>
#include <utility>

namespace crosstrace {
namespace {

std::string saved(const torch::jit::Module& module) {
  std::ostringstream bytes;
  module.save(bytes);
  return std::move(bytes).str();
}

EagerModel call_factory(const Model& model, std::uint64_t seed) {
  seed_generators(seed);
  EagerModel eager = model.eager();
  if (eager.module) eager.module->eval();
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

}  // namespace

Export::Export(const torch::jit::Module& module) : module_(module), bytes_(saved(module)) {}

Export::Export(const Archive& archive, StandIns stand_ins)
    : archive_(archive), stand_ins_(std::move(stand_ins)) {
  (void)archive.file();
}

torch::jit::Module Export::copy() const {
  if (archive_) return archive_->load(std::nullopt, stand_ins_);
  // Unlike copy() and deepcopy(), clone() copies graphs as well (torch/csrc/jit/api/module.cpp), so
  // that profiles are not shared.
  return module_->clone();
}

torch::jit::Module Export::load(c10::Device device) const {
  if (archive_) return archive_->load(device, stand_ins_);
  std::istringstream bytes(bytes_);
  return torch::jit::load(bytes, device);
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
  const at::NoGradGuard no_grad;
  if (kind == ExportKind::kArchive) return Export(model.archive.value());
  const c10::Device device = to_device(trace_device);
  if (kind == ExportKind::kScript) {
    torch::jit::Module module = script(model, seed);
    move_module(module, device);
    return Export(module);
  }
  EagerModel eager = call_factory(model, seed);
  if (eager.module) move_module(*eager.module, device);
  Inputs inputs = make_inputs(model, 0, seed);
  for (c10::IValue& input : inputs) input = move_value(input, device);
  seed_generators(seed);
  return Export(trace(eager, inputs, model.name));
}

EagerModel make_eager(const Model& model, std::uint64_t seed) {
  if (model.eager) return call_factory(model, seed);
  auto module = std::make_shared<torch::jit::Module>(script(model, seed));
  return {nullptr, [module](const Inputs& inputs) { return module->forward(inputs); }};
}

Inputs make_inputs(const Model& model, std::size_t set, std::uint64_t seed) {
  seed_generators(seed);
  Inputs inputs = model.inputs.at(set)();
  for (c10::IValue& input : inputs) input = input.deepcopy();  // A generator may keep its tensors.
  return inputs;
}

}  // namespace crosstrace
