// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/call_method.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/on_cpu.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/matrix/availability.h>
#include <crosstrace/matrix/cell.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/inliner.h>

#include <stdexcept>

namespace crosstrace {

Cell::Cell(Session& session, const Model& model, CellId id)
    : session_(session), model_(model), id_(std::move(id)) {
  if (id_.method != model_.method) {
    throw std::invalid_argument("a cell of " + id_.method + " was given the inputs of " +
                                model_.method);
  }
}

std::optional<Failure> Cell::export_failure() const {
  std::optional<Failure> failure =
      session_.exported(model_, id_.export_kind, id_.trace_device).failure;
  if (!failure) return std::nullopt;
  failure->message = std::string(to_string(id_.export_kind)) + " on " + id_.trace_device +
                     " failed: " + failure->message + "\nregistered at " + model_.where.str();
  return failure;
}

std::optional<Failure> Cell::why_not_runnable() const {
  const std::vector<std::string>& required = session_.options().required;
  if (auto failure = crosstrace::why_not_runnable(id_, required)) return failure;
  if (model_.archive) {
    if (auto failure = why_not_made(*model_.archive, required)) return failure;
  }
  if (id_.export_kind != ExportKind::kArchive) return std::nullopt;
  std::vector<std::string> touched;
  if (id_.transfer != Transfer::kLoad) touched = session_.storage_devices(model_);
  if (!session_.has_reference(model_)) {
    touched.push_back(device_here(id_.trace_device, session_.stand_ins(model_)));
  }
  return why_lost(touched, required);
}

torch::jit::Module Cell::module_on(const std::string& name) const {
  return module_on(name, session_.precision(model_));
}

torch::jit::Module Cell::module_on(const std::string& name, Precision precision) const {
  return placed_on(name)->copy(precision);
}

std::shared_ptr<const PlacedExport> Cell::placed_on(const std::string& name) const {
  if (const auto failure = export_failure()) throw std::runtime_error(failure->message);
  const bool moves = id_.transfer == Transfer::kAsTraced && name != id_.run_device;
  return session_.placed(model_, id_, moves ? Transfer::kTo : id_.transfer, name);
}

torch::jit::Module& Cell::module() {
  if (!module_) {
    const std::shared_ptr<const PlacedExport> placed = placed_on(id_.run_device);
    module_ = placed->copy(session_.precision(model_));
    writes_arguments_ = placed->written().contains_arguments();
  }
  return *module_;
}

bool Cell::may_write_arguments() {
  (void)module();
  return writes_arguments_;
}

Inputs Cell::inputs_on(const std::string& name, std::size_t set) const {
  Inputs inputs;
  const c10::Device device = to_device(name);
  for (const c10::IValue& input : session_.inputs(model_, set)) {
    inputs.push_back(move_value(copy_value(input), device));
  }
  return inputs;
}

c10::IValue Cell::call(const Inputs& inputs) {
  torch::jit::Module& callee = module();  // Making it may draw random numbers, so it comes first.
  const PrecisionScope scope(session_.precision(model_));
  seed_generators(session_.options().seed);
  return call_method(callee, id_.method, inputs);
}

c10::IValue Cell::reference(std::size_t set) {
  const Reference& reference = session_.reference(model_);
  if (reference.failure) throw std::runtime_error("no reference: " + reference.failure->message);
  return reference.outputs.at(set).front().deepcopy();
}

const std::vector<Finding>& Cell::findings() const {
  if (const auto failure = export_failure()) throw std::runtime_error(failure->message);
  return session_.diagnosis(model_, id_, {}).findings;
}

std::shared_ptr<torch::jit::Graph> Cell::graph() {
  auto graph = module().get_method(id_.method).graph()->copy();
  torch::jit::Inline(*graph);
  return graph;
}

}  // namespace crosstrace
