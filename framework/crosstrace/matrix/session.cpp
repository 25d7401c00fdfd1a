// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/bitwise.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/process_state.h>
#include <crosstrace/diagnose/trace_differences.h>
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
  // A function that captured a tensor, and all its copies, share what it writes there.
  std::vector<at::Tensor> captured;
  if (model.eager) {
    const ExportResult& traced = exported(model, ExportKind::kTrace, "cpu");
    if (traced.value) captured = traced.value->captured();
  }
  const ProcessStateScope process;
  const auto failure = guarded([&] {
    reference = model.archive ? archive_reference(model, stand_ins(model), options_)
                              : eager_reference(model, captured, options_);
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

const ExportResult& Session::exported(const Model& model, ExportKind kind,
                                      const std::string& trace_device) {
  auto [entry, is_new] = exports_.try_emplace({model.name, kind, trace_device});
  ExportResult& result = entry->second;
  if (is_new) {
    result.failure = guarded([&] {
      result.value.emplace(kind == ExportKind::kArchive
                               ? Export(model.archive.value(), stand_ins(model))
                               : export_model(model, kind, trace_device, options_.seed));
    });
    if (result.failure) result.value.reset();
  }
  return result;
}

const std::optional<PrecisionEffect>& Session::as_exported(
    const Model& model, const CellId& id,
    const std::function<std::optional<PrecisionEffect>()>& make) {
  auto [entry, is_new] = effects_.try_emplace(
      {{model.name, id.method}, id.export_kind, id.trace_device, id.run_device});
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
    const Export& exported = *this->exported(model, cell.export_kind, cell.trace_device).value;
    const int runs = has_state(reference(model)) ? options_.runs : 1;
    referees = make_referees(exported, model, {set, runs, options_.seed});
  }
  return referees.at(std::min<std::size_t>(call, referees.size() - 1));
}

namespace {

/// A module that was never called; an archive's without its weights, which diagnosis does not read.
torch::jit::Module unused_module(const Model& model, const Export& exported,
                                 DiagnoseOptions& options) {
  if (!model.archive) return exported.copy();
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
  const ExportResult& exported = this->exported(model, any_cell.export_kind, any_cell.trace_device);
  if (exported.failure) throw std::runtime_error(exported.failure->message);
  const std::tuple key(ModelAndMethod(model.name, any_cell.method), any_cell.export_kind,
                       any_cell.trace_device);
  const auto known = diagnoses_.find(key);
  const bool is_first = known == diagnoses_.end();  // Also after one that threw.
  std::set<TransferAndDevice> wanted(cells.begin(), cells.end());
  if (!is_first) {
    for (const auto& [cell, prediction] : known->second.predictions) wanted.insert(cell);
    if (wanted.size() == known->second.predictions.size()) return known->second;
  }
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
  Diagnosis diagnosis = diagnose(unused_module(model, *exported.value, options), options, meant);
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
