// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/grad_mode.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/compare/trust.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/matrix/session.h>

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

/// True if other inputs give the very same answer: a comparison would pass for a model that reads
/// nothing.
bool is_blind(const EagerModel& eager, const Model& model, const c10::IValue& output,
              std::uint64_t seed) {
  const Inputs first = make_inputs(model, 0, seed);
  bool varied = false;
  for (std::uint64_t other = seed + 1; other <= seed + 3; ++other) {
    const Inputs inputs = make_inputs(model, 0, other);
    if (bitwise_equal(c10::ivalue::Tuple::create(inputs), c10::ivalue::Tuple::create(first)))
      continue;
    varied = true;
    if (!bitwise_equal(call(eager, inputs, seed), output)) return false;
  }
  return varied;
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
  if (reference.untrusted.empty() &&
      is_blind(eager, model, reference.outputs.front().front(), options.seed)) {
    reference.untrusted = "the answer is the same for other inputs, so a match would prove nothing";
  }
}

}  // namespace

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

}  // namespace crosstrace
