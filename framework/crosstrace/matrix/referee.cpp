// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/graph/float64_copy.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/matrix/referee.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <algorithm>
#include <stdexcept>

namespace crosstrace {
namespace {

enum class Arithmetic { kOwn, kFloat64 };

/// Input sets in the order of their calls.
std::vector<std::size_t> sets_of(const RefereeCalls& calls) {
  std::vector<std::size_t> sets;
  const std::size_t first = calls.runs > 1 ? 0 : calls.set;
  for (std::size_t set = first; set <= calls.set; ++set) sets.insert(sets.end(), calls.runs, set);
  return sets;
}

at::Tensor generator_state() {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard lock(generator.mutex());
  return generator.get_state();
}

/// The generators are seeded for each call, as for the device's.
c10::IValue call(torch::jit::Module& module, const Inputs& inputs, std::uint64_t seed) {
  seed_generators(seed);
  const at::Tensor before = generator_state();
  c10::IValue output = module.forward(inputs).deepcopy();  // It may be the module's own state.
  if (!generator_state().equal(before)) {
    throw std::runtime_error("the export draws random numbers");
  }
  return output;
}

/// Of all calls, in order.
std::vector<Inputs> inputs_of(const Model& model, const RefereeCalls& calls) {
  std::vector<Inputs> inputs;
  for (const std::size_t set : sets_of(calls)) {
    inputs.push_back(make_inputs(model, set, calls.seed));
  }
  return inputs;
}

/// Calls with `inputs`, which are used up.
std::vector<c10::IValue> answers(const Export& exported, const std::vector<Inputs>& inputs,
                                 const RefereeCalls& calls, Arithmetic arithmetic) {
  const at::NoGradGuard no_grad;
  torch::jit::Module module = exported.load(c10::kCPU);
  module.eval();
  run_on_cpu(module);
  if (arithmetic == Arithmetic::kFloat64) {
    Inputs all;
    for (const Inputs& one : inputs) all.insert(all.end(), one.begin(), one.end());
    compute_in_float64(module, all);
    for (const c10::IValue& input : all) make_float64(input);
  }
  std::vector<c10::IValue> outputs;
  for (const Inputs& one : inputs) outputs.push_back(call(module, one, calls.seed));
  outputs.erase(outputs.begin(), outputs.end() - calls.runs);
  return outputs;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::vector<Referee> make_referees(const Export& exported, const Model& model,
                                   const RefereeCalls& calls) {
  std::vector<c10::IValue> own, exact;
  std::vector<Inputs>
      inputs;  // Generators follow the default dtype, so they come before it is set.
  const torch::jit::GraphOptimizerEnabledGuard plain(false);
  auto failure = guarded([&] {
    own = answers(exported, inputs_of(model, calls), calls, Arithmetic::kOwn);
    inputs = inputs_of(model, calls);
  });
  if (!failure) {
    const DefaultDtypeGuard float64(at::kDouble);  // Out here a crash inside cannot leave it set.
    failure = guarded([&] { exact = answers(exported, inputs, calls, Arithmetic::kFloat64); });
  }
  if (failure) {
    Referee none;
    none.why_not = first_line(failure->message);
    return {none};
  }
  std::vector<Referee> referees;
  for (std::size_t i = 0; i < exact.size(); ++i) referees.push_back({exact[i], own[i], ""});
  return referees;
}

}  // namespace crosstrace
