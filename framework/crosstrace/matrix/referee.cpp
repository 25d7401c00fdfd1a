// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <crosstrace/base/call_method.h>
#include <crosstrace/base/one_line.h>
#include <crosstrace/devices/on_cpu.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/export/buffers.h>
#include <crosstrace/graph/float64_copy.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/matrix/left_behind.h>
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

struct Answer {
  c10::IValue output;
  Writable left;
};

/// The generators are seeded for each call, as for the device's. What the call wrote is left in
/// `inputs`.
Answer call(torch::jit::Module& module, const std::string& method, const Inputs& inputs,
            std::uint64_t seed) {
  seed_generators(seed);
  const at::Tensor before = generator_state();
  Answer answer;
  answer.output =
      call_method(module, method, inputs).deepcopy();  // It may be the module's own state.
  if (!generator_state().equal(before)) {
    throw std::runtime_error("the export draws random numbers");
  }
  answer.left = writable(inputs, buffers_of(module));
  for (auto& [name, value] : answer.left) value = value.deepcopy();
  return answer;
}

/// Of all calls, in order: copies.
std::vector<Inputs> inputs_of(const InputsOfSets& source, const RefereeCalls& calls) {
  std::vector<Inputs> inputs;
  for (const std::size_t set : sets_of(calls)) inputs.push_back(copy_values(source(set)));
  return inputs;
}

/// Calls with `inputs`, which are used up.
std::vector<Answer> answers(const PlacedExport& exported, const std::vector<Inputs>& inputs,
                            const RefereeCalls& calls, Arithmetic arithmetic) {
  torch::jit::Module module = exported.copy(Precision::kAsExported);
  run_on_cpu(module);
  if (arithmetic == Arithmetic::kFloat64) {
    Inputs all;
    for (const Inputs& one : inputs) all.insert(all.end(), one.begin(), one.end());
    compute_in_float64(module, all);
    for (const c10::IValue& input : all) make_float64(input);
  }
  std::vector<Answer> answers;
  for (const Inputs& one : inputs) answers.push_back(call(module, calls.method, one, calls.seed));
  answers.erase(answers.begin(), answers.end() - calls.runs);
  return answers;
}

Referee referee_of(const Answer& exact, const Answer& own) {
  Referee referee{exact.output, own.output, "", {}};
  for (const auto& [name, value] : exact.left) {
    const auto found = own.left.find(name);
    if (found != own.left.end()) referee.written.emplace(name, std::pair(value, found->second));
  }
  return referee;
}

}  // namespace

std::vector<Referee> make_referees(
    const std::function<std::shared_ptr<const PlacedExport>()>& place, const InputsOfSets& source,
    const RefereeCalls& calls) {
  std::vector<Answer> own, exact;
  std::shared_ptr<const PlacedExport> exported;
  std::vector<Inputs>
      inputs;  // Generators follow the default dtype, so they come before it is set.
  const torch::jit::GraphOptimizerEnabledGuard plain(false);
  auto failure = guarded([&] {
    exported = place();
    own = answers(*exported, inputs_of(source, calls), calls, Arithmetic::kOwn);
    inputs = inputs_of(source, calls);
  });
  if (!failure) {
    const DefaultDtypeGuard float64(at::kDouble);  // Out here a crash inside cannot leave it set.
    failure = guarded([&] { exact = answers(*exported, inputs, calls, Arithmetic::kFloat64); });
  }
  if (failure) {
    Referee none;
    none.why_not = first_line(failure->message);
    return {none};
  }
  std::vector<Referee> referees;
  for (std::size_t i = 0; i < exact.size(); ++i) referees.push_back(referee_of(exact[i], own[i]));
  return referees;
}

}  // namespace crosstrace
