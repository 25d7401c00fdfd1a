// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/grad_mode.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/matrix/availability.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/explain.h>
#include <crosstrace/matrix/judge.h>

#include <chrono>
#include <stdexcept>

namespace crosstrace {
namespace {

/// Exporting runs the model's own code, so its source line helps; the calls after it run the
/// export.
Failure in_export(const Model& model, const CellId& id, Failure failure) {
  failure.message = std::string(to_string(id.export_kind)) + " on " + id.trace_device +
                    " failed: " + failure.message + "\nregistered at " + model.where.str();
  return failure;
}

}  // namespace

torch::jit::Module Cell::module_on(const std::string& name) const {
  const ExportResult& exported = session_.exported(model_, id_.export_kind, id_.trace_device);
  if (exported.failure) throw std::runtime_error(in_export(model_, id_, *exported.failure).message);
  const c10::Device device = to_device(name);
  const bool loads = id_.transfer == Transfer::kLoad;
  torch::jit::Module module = loads ? exported.value->load(device) : exported.value->copy();
  const bool stays = id_.transfer == Transfer::kAsTraced && name == id_.run_device;
  if (!loads && !stays) move_module(module, device);
  module.eval();
  return module;
}

torch::jit::Module& Cell::module() {
  if (!module_) module_ = module_on(id_.run_device);
  return *module_;
}

Inputs Cell::inputs_on(const std::string& name, std::size_t set) const {
  Inputs inputs = make_inputs(model_, set, session_.options().seed);
  const c10::Device device = to_device(name);
  for (c10::IValue& input : inputs) input = move_value(input, device);
  return inputs;
}

c10::IValue Cell::call(const Inputs& inputs) {
  const at::NoGradGuard no_grad;
  torch::jit::Module& callee = module();  // Making it may draw random numbers, so it comes first.
  seed_generators(session_.options().seed);
  return callee.forward(inputs);
}

const c10::IValue& Cell::reference(std::size_t set) {
  const Reference& reference = session_.reference(model_);
  if (reference.failure) throw std::runtime_error("no reference: " + reference.failure->message);
  return reference.outputs.at(set).front();
}

void Cell::judge(CellResult& result) {
  const ExportResult& exported = session_.exported(model_, id_.export_kind, id_.trace_device);
  if (exported.failure) {
    const Failure failure = in_export(model_, id_, *exported.failure);
    result.verdict = failure.verdict;
    result.message = failure.message;
    return;
  }
  if (auto failure = guarded([&] { module(); })) {
    result.verdict = failure->verdict;
    result.message = std::string(to_string(id_.transfer)) + " onto " + id_.run_device +
                     " failed: " + failure->message;
    return explain_failure(result, 0);
  }
  // What a call dies of is settled inside; here remains what is wrong around the calls.
  std::size_t set = 0;
  const auto failure = guarded(
      [&] { set = judge_calls(*this, session_.reference(model_), session_.options(), result); });
  if (failure) {
    result.verdict = failure->verdict;
    result.message = failure->message;
  }
  explain_failure(result, set);
}

/// What has nothing to compare with did not fail of anything.
void Cell::explain_failure(CellResult& result, std::size_t set) const {
  if (!is_failure(result.verdict) || result.verdict == Verdict::kUntrusted) return;
  explain(*this, session_, set, result);
}

void Cell::evaluate(CellResult& result) {
  if (auto failure = why_not_runnable(id_, session_.options().required)) {
    result.verdict = failure->verdict;
    result.message = failure->message;
    return;
  }
  judge(result);
  if (result.verdict == Verdict::kMatch) return;
  for (const std::string& device : id_.needed_devices()) {
    (void)recheck_device(device, id_.describe());
  }
}

void Cell::apply_expectation(CellResult& result) const {
  const Expectation* expected = find_expectation(model_, id_);
  if (expected == nullptr || result.verdict == Verdict::kSkipped) return;
  const std::string declared = std::string(to_string(expected->verdict)) + ": " + expected->cause;
  result.expected_failure = declared;
  if (result.verdict == Verdict::kMatch) {
    result.message = "expected to fail with " + declared +
                     "\nbut it matches; remove the expectation at " + model_.where.str();
  } else if (result.verdict == expected->verdict &&
             result.message.find(expected->cause) != std::string::npos) {
    result.failed_as_expected = true;
  } else {
    result.message += "\nexpected to fail otherwise, with " + declared;
  }
}

CellResult Cell::run() {
  CellResult result;
  result.id = id_;
  const auto start = std::chrono::steady_clock::now();
  evaluate(result);
  result.duration_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  apply_expectation(result);
  return result;
}

}  // namespace crosstrace
