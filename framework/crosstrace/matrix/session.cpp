// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/compare/trust.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/diagnose/trace_differences.h>
#include <crosstrace/graph/recorded_precision.h>
#include <crosstrace/matrix/referee.h>
#include <crosstrace/matrix/session.h>

#include <algorithm>
#include <functional>
#include <set>
#include <stdexcept>

namespace crosstrace {
namespace {

/// Makes what is called for a reference, afresh each time.
using MakeModel = std::function<EagerModel()>;

/// The archive at home, called with values on the CPU, and answering with such.
EagerModel archive_at_home(const Export& archive, const ArchiveHome& home) {
  const c10::Device device = to_device(home.device);
  const bool is_there = home.transfer == Transfer::kAsTraced;
  auto module =
      std::make_shared<torch::jit::Module>(is_there ? archive.copy() : archive.load(device));
  set_recorded_precision(*module, Precision::kStrict);
  module->eval();
  return {nullptr, [module, device](const Inputs& inputs) {
            Inputs moved;
            for (const c10::IValue& input : inputs) moved.push_back(move_value(input, device));
            return move_answer(module->forward(moved), device, c10::kCPU);
          }};
}

c10::IValue call(const EagerModel& eager, const Inputs& inputs, std::uint64_t seed) {
  Inputs copies;
  for (const c10::IValue& input : inputs)
    copies.push_back(input.deepcopy());  // forward may write into them.
  seed_generators(seed);
  return eager.forward(copies).deepcopy();  // A model may return its own state.
}

/// Answers of `runs` calls; kept apart only if they differ, as those of a model with state do.
std::vector<c10::IValue> call_repeatedly(const EagerModel& eager, const Inputs& inputs,
                                         const RunOptions& options) {
  std::vector<c10::IValue> outputs;
  for (int i = 0; i < options.runs; ++i) {
    c10::IValue output = call(eager, inputs, options.seed);
    const bool repeats = !outputs.empty() && bitwise_equal(output, outputs.front());
    outputs.push_back(repeats ? outputs.front() : std::move(output));
  }
  return outputs;
}

/// `inputs`, which nobody shares, with noise on their floating point tensors.
Inputs with_noise(Inputs inputs) {
  for (const c10::IValue& input : inputs) {
    input.visit([](const c10::IValue& part) {
      if (part.isTensor() && part.toTensor().is_floating_point()) {
        part.toTensor().add_(at::rand_like(part.toTensor()));
      }
      return false;
    });
  }
  return inputs;
}

/// Inputs that differ from those of `seed`: of other seeds, or with noise where the generator gives
/// the same for every seed.
std::vector<Inputs> other_inputs(const Model& model, std::size_t set, std::uint64_t seed) {
  const c10::IValue first = c10::ivalue::Tuple::create(make_inputs(model, set, seed));
  std::vector<Inputs> others;
  for (std::uint64_t other = seed + 1; other <= seed + 3; ++other) {
    others.push_back(make_inputs(model, set, other));
  }
  others.push_back(with_noise(make_inputs(model, set, seed)));
  std::erase_if(others, [&](const Inputs& inputs) {
    return bitwise_equal(c10::ivalue::Tuple::create(inputs), first);
  });
  return others;
}

/// True if other inputs give the very same answer: a comparison would pass for a model that reads
/// nothing. A model that refuses the other inputs has read them.
bool is_blind(const Model& model, const MakeModel& make, std::size_t set, const c10::IValue& output,
              std::uint64_t seed) {
  bool blind = false;
  const auto refused = guarded([&] {
    const std::vector<Inputs> others = other_inputs(model, set, seed);
    blind = !others.empty() && std::all_of(others.begin(), others.end(), [&](const Inputs& inputs) {
      return bitwise_equal(call(make(), inputs, seed), output);
    });
  });
  return blind && !refused;
}

/// A set may be vacuous (an empty batch) as long as another is not.
std::string why_all_untrusted(const std::vector<std::vector<c10::IValue>>& outputs) {
  std::string why;
  for (const auto& set : outputs) {
    const std::string why_set = why_untrusted(set.front());
    if (why_set.empty()) return "";
    if (why.empty()) why = why_set;
  }
  return why;
}

void make_reference(const Model& model, const MakeModel& make, const RunOptions& options,
                    Reference& reference) {
  const at::NoGradGuard no_grad;
  // What is right does not depend on what is allowed.
  const PrecisionScope scope(Precision::kStrict);
  if (options.expected) {
    reference.outputs.emplace_back(options.runs, *options.expected);
    reference.untrusted = why_all_untrusted(reference.outputs);
    return;
  }
  const EagerModel eager = make();
  for (std::size_t set = 0; set < model.inputs.size(); ++set) {
    reference.outputs.push_back(
        call_repeatedly(eager, make_inputs(model, set, options.seed), options));
  }
  reference.untrusted = why_all_untrusted(reference.outputs);
  if (!reference.untrusted.empty()) return;
  const auto full =
      std::find_if(reference.outputs.begin(), reference.outputs.end(),
                   [](const auto& set) { return why_untrusted(set.front()).empty(); });
  if (is_blind(model, make, full - reference.outputs.begin(), full->front(), options.seed)) {
    reference.untrusted = "the answer is the same for other inputs, so a match would prove nothing";
  }
}

/// At the first home where the archive answers; else what it died of at the likeliest.
Reference archive_reference(const Model& model, const Export& archive, const StandIns& stand_ins,
                            const RunOptions& options) {
  std::optional<Reference> first;
  for (const ArchiveHome& home : homes_here(*model.archive, stand_ins)) {
    Reference reference;
    reference.home = home;
    reference.failure = guarded([&] {
      make_reference(
          model, [&] { return archive_at_home(archive, home); }, options, reference);
    });
    if (!reference.failure) return reference;
    if (!first) first = std::move(reference);
  }
  return std::move(*first);
}

}  // namespace

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
  if (is_open && !reference(model).failure) found.home = reference(model).home.name;
  return found;
}

const Reference& Session::reference(const Model& model) {
  auto [entry, is_new] = references_.try_emplace(model.name);
  Reference& reference = entry->second;
  if (!is_new) return reference;
  const auto failure = guarded([&] {
    if (model.archive) {
      const StandIns& here = stand_ins(model);
      reference = archive_reference(model, Export(*model.archive, here), here, options_);
    } else {
      const auto make = [&] { return make_eager(model, options_.seed); };
      make_reference(model, make, options_, reference);
    }
  });
  if (failure) reference.failure = failure;
  if (reference.failure) reference.outputs.clear();
  return reference;
}

bool Session::has_reference(const Model& model) const {
  return options_.expected.has_value() || references_.contains(model.name);
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
  auto [entry, is_new] =
      effects_.try_emplace({model.name, id.export_kind, id.trace_device, id.run_device});
  if (is_new) entry->second = make();
  return entry->second;
}

namespace {

bool has_state(const Reference& reference) {
  return std::any_of(reference.outputs.begin(), reference.outputs.end(), [](const auto& calls) {
    return !std::all_of(calls.begin(), calls.end(),
                        [&](const auto& output) { return bitwise_equal(output, calls.front()); });
  });
}

}  // namespace

const Referee& Session::referee(const Model& model, const CellId& cell, std::size_t set, int call) {
  auto [entry, is_new] =
      referees_.try_emplace({model.name, cell.export_kind, cell.trace_device, set});
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

const Diagnosis& Session::diagnosis(const Model& model, const CellId& any_cell,
                                    const std::vector<TransferAndDevice>& cells) {
  const ExportResult& exported = this->exported(model, any_cell.export_kind, any_cell.trace_device);
  if (exported.failure) throw std::runtime_error(exported.failure->message);
  auto [entry, is_new] =
      diagnoses_.try_emplace({model.name, any_cell.export_kind, any_cell.trace_device});
  Diagnosis& diagnosis = entry->second;
  std::set<TransferAndDevice> wanted(cells.begin(), cells.end());
  for (const auto& [known, prediction] : diagnosis.predictions) wanted.insert(known);
  if (!is_new && wanted.size() == diagnosis.predictions.size()) return diagnosis;
  DiagnoseOptions options;
  options.home = any_cell.trace_device;
  options.id_prefix = any_cell.export_name() + "__";
  const StandIns& stand_ins = this->stand_ins(model);
  for (const auto& [device, twin] : stand_ins) options.stood_in.push_back(device);
  std::vector<TransferAndDevice> meant;
  for (const auto& [transfer, device] : wanted) {
    meant.emplace_back(transfer, device_meant(device, stand_ins));
  }
  diagnosis = diagnose(unused_module(model, *exported.value, options), options, meant);
  for (const auto& [transfer, device] : wanted) {
    diagnosis.predictions[{transfer, device}] =
        diagnosis.predictions[{transfer, device_meant(device, stand_ins)}];
  }
  if (is_new) {
    findings_.insert(findings_.end(), diagnosis.findings.begin(), diagnosis.findings.end());
  }
  return diagnosis;
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
