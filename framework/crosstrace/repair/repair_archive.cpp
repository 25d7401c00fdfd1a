// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/archive_reader.h>
#include <crosstrace/diagnose/diagnosis.h>
#include <crosstrace/export/export.h>
#include <crosstrace/repair/detail/archive_file.h>
#include <crosstrace/repair/repair.h>
#include <crosstrace/repair/repair_archive.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string_view>

namespace crosstrace {
namespace {

/// An archive that names no device, or several, is taken to be at home on the CPU.
std::string home_of(const ArchiveReading& reading) {
  return reading.trace_device == "unknown" ? "cpu" : reading.trace_device;
}

bool answers(const RepairStep& step, const Finding& finding) {
  if (step.operator_name != finding.operator_name) return false;
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
    if (finding.severity == Severity::kNote) continue;
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

/// As `inspect` does, so that ids of findings are the same.
std::vector<Finding> findings_in(ArchiveReading reading) {
  DiagnoseOptions options;
  options.home = reading.trace_device;
  options.storage_locations = std::move(reading.storage_locations);
  return diagnose(std::move(reading.module), options).findings;
}

/// Where notes are all that there is, the author's choices stay: a helper that answers on the CPU.
bool needs_repair(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity > Severity::kNote; });
}

/// The repaired module, with steps and what is left in `result`.
torch::jit::Module repaired_module(const Export& original, const ProofCalls& calls,
                                   RepairResult& result) {
  torch::jit::Module module = original.copy();
  if (!needs_repair(result.findings)) return module;
  Repaired repaired = repair(module, result.home, calls.devices);
  result.steps = std::move(repaired.steps);
  result.left = std::move(repaired.left);
  return module;
}

std::string why_not_proven(RepairResult& result, const std::string& changed,
                           const ProofCalls& calls) {
  if (!result.left.empty()) {
    return std::to_string(result.left.size()) +
           (result.left.size() == 1 ? " place cannot" : " places cannot") +
           " be repaired automatically";
  }
  result.proof = prove(result.archive, changed, result.home, calls);
  return result.proof->why_not;
}

}  // namespace

RepairResult repair_archive(const std::string& archive, const std::string& target,
                            const ProofCalls& calls) {
  if (calls.inputs.empty()) {
    throw std::invalid_argument("without inputs there is nothing to prove a repair with");
  }
  RepairResult result;
  result.archive = archive;
  result.target = target;
  const Export original(archive);
  ArchiveReading reading = read_without_weights(archive);
  result.home = home_of(reading);
  result.findings = findings_in(std::move(reading));
  result.why_not = why_not_at_home(result.home, calls.devices);
  if (!result.why_not.empty()) return result;
  detail::require_ordinary_file(target);
  PendingFile file(target);
  const torch::jit::Module module = repaired_module(original, calls, result);
  if (result.steps.empty()) {
    detail::copy(archive, file);
  } else {
    detail::save(module, detail::extra_files(archive), file);
  }
  add_remaining(result, findings_in(read_without_weights(file.path())));
  name_findings(result.steps, result.findings);
  name_findings(result.left, result.findings);
  result.why_not = why_not_proven(result, file.path(), calls);
  if (!result.why_not.empty()) return result;
  file.keep();
  result.written = true;
  return result;
}

}  // namespace crosstrace
