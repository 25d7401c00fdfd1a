// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <crosstrace/archive/archive_reader.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/compare/trust.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/diagnose/trace_differences.h>
#include <crosstrace/matrix/session.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace crosstrace {
namespace {

/// An archive's reference is its own run on the CPU.
EagerModel reference_model(const Model& model, std::uint64_t seed) {
  if (model.archive.empty()) return make_eager(model, seed);
  auto module = std::make_shared<torch::jit::Module>(Export(model.archive).load(c10::kCPU));
  module->eval();
  return {nullptr, [module](const Inputs& inputs) { return module->forward(inputs); }};
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
bool is_blind(const Model& model, std::size_t set, const c10::IValue& output, std::uint64_t seed) {
  bool blind = false;
  const auto refused = guarded([&] {
    const std::vector<Inputs> others = other_inputs(model, set, seed);
    blind = !others.empty() && std::all_of(others.begin(), others.end(), [&](const Inputs& inputs) {
      return bitwise_equal(call(reference_model(model, seed), inputs, seed), output);
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

void make_reference(const Model& model, const RunOptions& options, Reference& reference) {
  const at::NoGradGuard no_grad;
  if (options.expected) {
    reference.outputs.emplace_back(options.runs, *options.expected);
    reference.untrusted = why_all_untrusted(reference.outputs);
    return;
  }
  const EagerModel eager = reference_model(model, options.seed);
  for (std::size_t set = 0; set < model.inputs.size(); ++set) {
    reference.outputs.push_back(
        call_repeatedly(eager, make_inputs(model, set, options.seed), options));
  }
  reference.untrusted = why_all_untrusted(reference.outputs);
  if (!reference.untrusted.empty()) return;
  const auto full =
      std::find_if(reference.outputs.begin(), reference.outputs.end(),
                   [](const auto& set) { return why_untrusted(set.front()).empty(); });
  if (is_blind(model, full - reference.outputs.begin(), full->front(), options.seed)) {
    reference.untrusted = "the answer is the same for other inputs, so a match would prove nothing";
  }
}

}  // namespace

Session::Session(RunOptions options) : options_(std::move(options)) {
  if (options_.runs < 1) {
    throw std::invalid_argument("runs is " + std::to_string(options_.runs) +
                                "; a cell is called once at the least");
  }
}

const Reference& Session::reference(const Model& model) {
  auto [entry, is_new] = references_.try_emplace(model.name);
  Reference& reference = entry->second;
  if (is_new) reference.failure = guarded([&] { make_reference(model, options_, reference); });
  if (reference.failure) reference.outputs.clear();
  return reference;
}

const ExportResult& Session::exported(const Model& model, ExportKind kind,
                                      const std::string& trace_device) {
  auto [entry, is_new] = exports_.try_emplace({model.name, kind, trace_device});
  ExportResult& result = entry->second;
  if (is_new) {
    result.failure = guarded(
        [&] { result.value.emplace(export_model(model, kind, trace_device, options_.seed)); });
    if (result.failure) result.value.reset();
  }
  return result;
}

namespace {

/// A module that was never called; an archive's without its weights, which diagnosis does not read.
torch::jit::Module unused_module(const Model& model, const Export& exported,
                                 DiagnoseOptions& options) {
  if (model.archive.empty()) return exported.copy();
  ArchiveReading reading = read_without_weights(model.archive);
  options.storage_locations = std::move(reading.storage_locations);
  return std::move(reading.module);
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
  diagnosis = diagnose(unused_module(model, *exported.value, options), options,
                       {wanted.begin(), wanted.end()});
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
