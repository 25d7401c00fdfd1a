// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/archive.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/diagnose/device_matter.h>
#include <crosstrace/diagnose/diagnose_archive.h>
#include <crosstrace/matrix/session.h>
#include <crosstrace/repair/detail/archive_file.h>
#include <crosstrace/repair/detail/mobile_archive.h>
#include <crosstrace/repair/repair.h>
#include <crosstrace/repair/repair_archive.h>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>
#include <string_view>

namespace crosstrace {
namespace {

/// Where nothing tells, an archive is taken to be at home on the only CUDA device that it names in
/// transfers, where its answer stays put; else on the CPU.
void find_home(const Archive& archive, const ProofCalls& calls, RepairResult& result) {
  RunOptions options;
  options.seed = calls.seed;
  options.stand_in = calls.stand_in;
  Model model;
  model.name = archive_model_name(archive.path());
  model.archive = archive;
  model.inputs = calls.inputs;
  model.method_inputs = calls.method_inputs;
  std::vector<std::string> all = calls.devices;
  const auto& named = archive.cuda_devices();
  all.insert(all.end(), named.begin(), named.end());
  probe_devices(all);  // Together, so that CUDA is loaded in time.
  Whereabouts found = Session(options).whereabouts(model);
  const std::string other = named.size() == 1 ? named.front() : "cpu";
  result.home = found.home == "unknown" ? other : found.home;
  result.stand_ins = std::move(found.stand_ins);
  result.asks_for_cuda = archive.asks_for_cuda();
}

/// The devices that tensors were saved on, beside the CPU.
std::vector<std::string> locations_elsewhere(const Archive& archive) {
  std::vector<std::string> locations = archive.storage_locations();
  std::erase(locations, "cpu");
  return locations;
}

/// What saving the module from the CPU changes.
std::optional<RepairStep> storage_step(const Archive& archive,
                                       const std::vector<Finding>& findings) {
  std::string all;
  for (const std::string& location : locations_elsewhere(archive)) {
    all += (all.empty() ? "" : " and ") + location;
  }
  if (all.empty()) return std::nullopt;
  RepairStep step;
  step.text = "tensors that were saved on " + all + " are stored on the cpu";
  for (const Finding& finding : findings) {
    if (finding.rule == "storage-location") step.findings.push_back(finding.id);
  }
  return step;
}

/// `[5, 4]` of `the constant, Float [5, 4], is the buffer constant`; empty for a list.
std::string shape_in(const std::string& text) {
  const std::size_t begin = text.find('['), end = text.find(']');
  return begin < end && end != text.npos ? text.substr(begin, end + 1 - begin) : "";
}

/// Constants share the place where they are used, and often have no line; their shapes tell them
/// apart.
bool is_other_constant(const RepairStep& step, const Finding& finding) {
  const std::string shape = shape_in(step.text);
  return step.operator_name == "prim::Constant" && finding.rule == "tensor-constant" &&
         !shape.empty() && finding.message.find(" shape " + shape) == std::string::npos;
}

bool answers(const RepairStep& step, const Finding& finding) {
  if (step.operator_name != finding.operator_name || is_other_constant(step, finding)) return false;
  if (step.operator_name.empty()) {
    return step.module_path == finding.module_path &&
           finding.message.find(step.attribute) != std::string::npos;
  }
  const auto line = [](const auto& place) { return place.source ? place.source->str() : ""; };
  return step.method == finding.method && step.module_path == finding.module_path &&
         line(step) == line(finding);
}

/// Of a line with several operators of a name, each step answers the next one; of each rule one
/// finding.
void name_findings(std::vector<RepairStep>& steps, const std::vector<Finding>& findings) {
  std::set<std::string_view> answered;
  for (RepairStep& step : steps) {
    std::set<std::string_view> rules;
    if (step.operator_name.empty() && step.attribute.empty()) continue;  // Has its own already.
    for (const Finding& finding : findings) {
      const bool is_about_it =
          finding.severity > Severity::kNote || finding.repair == Repairability::kAutomatic;
      if (!is_about_it || !answers(step, finding) || answered.contains(finding.id)) continue;
      if (!rules.insert(finding.rule).second) continue;
      answered.insert(finding.id);
      step.findings.push_back(finding.id);
    }
  }
}

/// What diagnosis still says above a note, unless the repair has said why already.
void add_remaining(RepairResult& result, const std::vector<Finding>& remaining) {
  for (const Finding& finding : remaining) {
    if (!is_device_matter(finding)) continue;
    const bool is_told = std::any_of(result.left.begin(), result.left.end(),
                                     [&](const auto& step) { return answers(step, finding); });
    if (is_told) continue;
    RepairStep step;
    step.method = finding.method;
    step.operator_name = finding.operator_name;
    step.module_path = finding.module_path;
    step.source = finding.source;
    step.text = finding.message;
    step.advice = finding.advice;
    result.left.push_back(std::move(step));
  }
}

/// Where notes are all that there is, the author's choices stay: a helper that answers on the CPU.
bool needs_repair(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), is_device_matter);
}

/// The repaired module, with steps and what is left in `result`.
/// @param methods those that were changed.
torch::jit::Module repaired_module(const Archive& original, const ProofCalls& calls,
                                   RepairResult& result, std::set<std::string>& methods) {
  torch::jit::Module module = original.load(c10::kCPU);
  if (!needs_repair(result.findings)) return module;
  const std::size_t elsewhere = locations_elsewhere(original).size();
  const bool all_elsewhere = elsewhere > 0 && elsewhere == original.storage_locations().size();
  Repaired repaired = repair(module, result.home, calls.devices, all_elsewhere);
  result.steps = std::move(repaired.steps);
  result.left = std::move(repaired.left);
  methods = std::move(repaired.methods);
  if (auto step = storage_step(original, result.findings)) result.steps.push_back(*step);
  return module;
}

/// What was changed and not called may answer anything.
std::string why_not_called(const std::set<std::string>& methods, const ProofCalls& calls) {
  std::string names;
  std::size_t count = 0;
  for (const std::string& method : methods) {
    if (calls.has_inputs_of(method)) continue;
    names += (names.empty() ? "" : " and ") + method;
    ++count;
  }
  if (count == 0) return {};
  return names + (count == 1 ? " was" : " were") +
         " changed, and given no inputs to prove it with; give each argument as --input " +
         (count == 1 ? names : "METHOD") + ":SPEC";
}

std::string why_not_proven(RepairResult& result, const Archive& original, const Archive& changed,
                           const std::set<std::string>& methods, const ProofCalls& calls) {
  if (!result.left.empty()) {
    return std::to_string(result.left.size()) +
           (result.left.size() == 1 ? " place cannot" : " places cannot") +
           " be repaired automatically";
  }
  if (std::string why = why_not_called(methods, calls); !why.empty()) return why;
  result.proof = prove(original, changed, result.home, calls);
  if (!result.proof->holds() || result.steps.empty()) return result.proof->why_not;
  if (detail::bytecode_in(original).is_there) {
    result.proof->why_not = detail::why_not_mobile(original, changed, calls);
  }
  return result.proof->why_not;
}

}  // namespace

RepairResult repair_archive(const Archive& archive, const std::string& target,
                            const ProofCalls& calls) {
  if (!calls.has_inputs()) {
    throw std::invalid_argument("without inputs there is nothing to prove a repair with");
  }
  RepairResult result;
  result.archive = archive.path();
  result.target = target;
  result.findings = diagnose_archive(archive).findings;
  find_home(archive, calls, result);
  result.why_not = why_not_at_home(result.home, calls.devices, result.stand_ins);
  if (!result.why_not.empty()) return result;
  detail::require_ordinary_file(target);
  PendingFile file(target);
  std::set<std::string> methods;
  const torch::jit::Module module = repaired_module(archive, calls, result, methods);
  if (result.steps.empty()) {
    detail::copy(archive, file);
  } else {
    detail::save(module, detail::extra_files(archive), detail::bytecode_in(archive), file);
  }
  const Archive changed(file.path());
  add_remaining(result, diagnose_archive(changed).findings);
  name_findings(result.steps, result.findings);
  name_findings(result.left, result.findings);
  result.why_not = why_not_proven(result, archive, changed, methods, calls);
  if (!result.why_not.empty()) return result;
  file.keep();
  result.written = true;
  return result;
}

}  // namespace crosstrace
