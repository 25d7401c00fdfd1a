// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/core/GradMode.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/process_state.h>
#include <crosstrace/diagnose/trace_differences.h>
#include <crosstrace/export/copy_module.h>
#include <crosstrace/matrix/referee.h>
#include <crosstrace/matrix/session.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace crosstrace {

Session::Session(RunOptions options) : options_(std::move(options)) {
  if (options_.runs < 1) {
    throw std::invalid_argument("runs is " + std::to_string(options_.runs) +
                                "; a cell is called once at the least");
  }
}

const StandIns& Session::stand_ins(const Model& model) {
  auto [entry, is_new] = stand_ins_.try_emplace(model.name);
  if (is_new && options_.stand_in && model.archive) {
    entry->second = find_stand_ins(model.archive->cuda_devices());
  }
  return entry->second;
}

Whereabouts Session::whereabouts(const Model& model) {
  Whereabouts found{model.archive.value().home(), stand_ins(model)};
  const bool is_open = !options_.expected && homes_here(*model.archive, found.stand_ins).size() > 1;
  if (!is_open) return found;
  const Reference& reference = this->reference(methods_of(model).front());
  if (!reference.failure) found.home = reference.home.name;
  return found;
}

const Reference& Session::reference(const Model& model) {
  auto [entry, is_new] = references_.try_emplace({model.name, model.method});
  Reference& reference = entry->second;
  if (!is_new) return reference;
  const Step step(*this, "the reference");
  // A function that captured a tensor, and all its copies, share what it writes there.
  std::vector<at::Tensor> captured;
  if (model.eager) {
    const ExportResult& traced = exported(model, ExportKind::kTrace, "cpu");
    if (traced.value) captured = traced.value->captured();
  }
  const ProcessStateScope process;
  const auto failure = guarded([&] {
    const ReferenceSource source{
        [&](std::size_t set) -> const Inputs& { return inputs(model, set); },
        [&](const ArchiveHome& home) { return placed_at(model, home); }};
    reference = model.archive ? archive_reference(model, source, stand_ins(model), options_)
                              : eager_reference(model, source, captured, options_);
  });
  if (failure) reference.failure = failure;
  if (reference.failure) reference.outputs.clear();
  return reference;
}

bool Session::has_reference(const Model& model) const {
  return options_.expected.has_value() || references_.contains({model.name, model.method});
}

std::vector<std::string> Session::storage_devices(const Model& model) {
  std::vector<std::string> devices;
  // What is wrong with the file is said by the cells that load it.
  (void)guarded([&] {
    if (!model.archive) return;
    for (const std::string& name : model.archive->storage_locations()) {
      devices.push_back(device_here(name, stand_ins(model)));
    }
  });
  return devices;
}

const Inputs& Session::inputs(const Model& model, std::size_t set) {
  const std::pair key(ModelAndMethod(model.name, model.method), set);
  const auto known = inputs_.find(key);
  if (known != inputs_.end()) return known->second;
  const c10::AutoGradMode on(true);  // One that asks for gradients goes on doing so.
  return inputs_.emplace(key, make_inputs(model, set, options_.seed)).first->second;
}

Session::ExportKey Session::key_of(const std::string& model, ExportKind kind,
                                   const std::string& trace_device) {
  return {model, kind, kind == ExportKind::kArchive ? "" : trace_device};
}

const ExportResult& Session::exported(const Model& model, ExportKind kind,
                                      const std::string& trace_device) {
  auto [entry, is_new] = exports_.try_emplace(key_of(model.name, kind, trace_device));
  ExportResult& result = entry->second;
  if (is_new) {
    const Step step(*this, "the export");
    result.failure = guarded([&] {
      result.value.emplace(kind == ExportKind::kArchive
                               ? Export(model.archive.value(), stand_ins(model))
                               : export_model(model, kind, trace_device, options_.seed));
    });
    if (result.failure) result.value.reset();
  }
  return result;
}

/// One that a cell spoiled is made anew, once: its copies share nothing from then on.
const Export& Session::usable_export(const Model& model, ExportKind kind,
                                     const std::string& trace_device) {
  const ExportResult* result = &exported(model, kind, trace_device);
  if (result->value && placements_.was_spoiled(*result->value)) {
    let_go_of_export(model.name, kind, trace_device);
    result = &exported(model, kind, trace_device);
    if (result->value) placements_.distrust(*result->value);
  }
  if (result->failure) throw std::runtime_error(result->failure->message);
  return *result->value;
}

std::shared_ptr<const PlacedExport> Session::placed(const Model& model, const CellId& cell,
                                                    Transfer transfer, const std::string& device) {
  return placements_.place(usable_export(model, cell.export_kind, cell.trace_device), transfer,
                           device);
}

std::shared_ptr<const PlacedExport> Session::placed_at(const Model& model,
                                                       const ArchiveHome& home) {
  return placements_.place(usable_export(model, ExportKind::kArchive, ""), home.transfer,
                           home.device);
}

void Session::let_go_of_export(const std::string& model, ExportKind kind,
                               const std::string& trace_device) {
  const auto found = exports_.find(key_of(model, kind, trace_device));
  if (found == exports_.end()) return;
  if (found->second.value) placements_.let_go(*found->second.value);
  exports_.erase(found);
}

void Session::let_go(const std::string& model) {
  for (auto it = exports_.begin(); it != exports_.end();) {
    const bool is_its = std::get<0>(it->first) == model;
    if (is_its && it->second.value) placements_.let_go(*it->second.value);
    it = is_its ? exports_.erase(it) : std::next(it);
  }
  const auto is_its = [&](const auto& item) { return std::get<0>(item.first).first == model; };
  std::erase_if(inputs_, is_its);
  std::erase_if(referees_, is_its);
  std::erase_if(effects_, is_its);
  std::erase_if(references_, [&](const auto& item) { return item.first.first == model; });
}

const std::optional<PrecisionEffect>& Session::as_exported(
    const Model& model, const CellId& id,
    const std::function<std::optional<PrecisionEffect>()>& make) {
  // Simulated devices round alike.
  const std::string device = device_type(id.run_device) == "sim" ? "sim" : id.run_device;
  auto [entry, is_new] =
      effects_.try_emplace({{model.name, id.method}, id.export_kind, id.trace_device, device});
  if (is_new) entry->second = make();
  return entry->second;
}

namespace {

bool writes_buffer(const LeftBehind& left) {
  return std::any_of(left.begin(), left.end(), [](const auto& item) {
    return item.second.written && item.first.starts_with("buffer ");
  });
}

bool has_state(const Reference& reference) {
  for (const auto& calls : reference.left) {
    if (std::any_of(calls.begin(), calls.end(), writes_buffer)) return true;
  }
  return std::any_of(reference.outputs.begin(), reference.outputs.end(), [](const auto& calls) {
    return !std::all_of(calls.begin(), calls.end(),
                        [&](const auto& output) { return bitwise_equal(output, calls.front()); });
  });
}

}  // namespace

const Referee& Session::referee(const Model& model, const CellId& cell, std::size_t set, int call) {
  auto [entry, is_new] =
      referees_.try_emplace({{model.name, cell.method}, cell.export_kind, cell.trace_device, set});
  std::vector<Referee>& referees = entry->second;
  if (is_new) {
    const Step step(*this, "a run in float64");
    const int runs = has_state(reference(model)) ? options_.runs : 1;
    const Export& exported = usable_export(model, cell.export_kind, cell.trace_device);
    const InputsOfSets inputs = [&](std::size_t of_set) -> const Inputs& {
      return this->inputs(model, of_set);
    };
    referees = make_referees([&] { return placements_.place_on_cpu(exported); }, inputs,
                             {set, runs, options_.seed, model.method});
  }
  return referees.at(std::min<std::size_t>(call, referees.size() - 1));
}

namespace {

/// A module that was never called; an archive's without its weights, which diagnosis does not read.
torch::jit::Module unused_module(const Model& model, const Export& exported,
                                 DiagnoseOptions& options) {
  if (!model.archive)
    return copy_module(*exported.module(), [](const at::Tensor&) { return true; });
  options.storage_locations = model.archive->storage_locations();
  return model.archive->without_weights();
}

/// The device that a stand-in stands in for, which is what the archive's graphs name.
std::string device_meant(const std::string& device, const StandIns& stand_ins) {
  for (const auto& [meant, twin] : stand_ins) {
    if (device == twin) return meant;
  }
  return device;
}

}  // namespace

/// Those of an export are the same whichever method was asked about.
void Session::add_findings(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    const bool is_known = std::any_of(findings_.begin(), findings_.end(),
                                      [&](const Finding& known) { return known.id == finding.id; });
    if (!is_known) findings_.push_back(finding);
  }
}

const Diagnosis& Session::diagnosis(const Model& model, const CellId& any_cell,
                                    const std::vector<TransferAndDevice>& cells) {
  const std::tuple key(ModelAndMethod(model.name, any_cell.method), any_cell.export_kind,
                       any_cell.trace_device);
  const auto known = diagnoses_.find(key);
  const bool is_first = known == diagnoses_.end();  // Also after one that threw.
  std::set<TransferAndDevice> wanted(cells.begin(), cells.end());
  if (!is_first) {
    for (const auto& [cell, prediction] : known->second.predictions) wanted.insert(cell);
    if (wanted.size() == known->second.predictions.size()) return known->second;
  }
  const Export& exported = usable_export(model, any_cell.export_kind, any_cell.trace_device);
  const Step step(*this, "the diagnosis");
  DiagnoseOptions options;
  options.home = any_cell.trace_device;
  options.method = any_cell.method;
  options.id_prefix = any_cell.export_name() + "__";
  const StandIns& stand_ins = this->stand_ins(model);
  for (const auto& [device, twin] : stand_ins) options.stood_in.push_back(device);
  std::vector<TransferAndDevice> meant;
  for (const auto& [transfer, device] : wanted) {
    meant.emplace_back(transfer, device_meant(device, stand_ins));
  }
  Diagnosis diagnosis = diagnose(unused_module(model, exported, options), options, meant);
  for (const auto& [transfer, device] : wanted) {
    diagnosis.predictions[{transfer, device}] =
        diagnosis.predictions[{transfer, device_meant(device, stand_ins)}];
  }
  add_findings(diagnosis.findings);
  return diagnoses_[key] = std::move(diagnosis);
}

const std::vector<Finding>& Session::trace_differences(const Model& model, const CellId& cell) {
  const std::string key = model.name + "__traces_" + cell.trace_device + "_" + cell.run_device;
  auto [entry, is_new] = differences_.try_emplace(key);
  std::vector<Finding>& differences = entry->second;
  if (!is_new) return differences;
  const Step step(*this, "traces on other devices");
  std::vector<std::string> devices;
  for (const std::string name :
       {"cpu", cell.trace_device.c_str(), cell.run_device.c_str(), "sim:0"}) {
    const bool known = std::count(devices.begin(), devices.end(), name) > 0;
    if (!known && probe_device(name).state == DeviceState::kAvailable) devices.push_back(name);
  }
  differences = compare_traces(model, devices, options_.seed);
  std::map<std::string, int> numbers;
  for (Finding& finding : differences) {
    finding.id = key + "__" + finding.rule + "-" + std::to_string(++numbers[finding.rule]);
  }
  findings_.insert(findings_.end(), differences.begin(), differences.end());
  return differences;
}

}  // namespace crosstrace
