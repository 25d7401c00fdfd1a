// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/diagnose/diagnosis.h>
#include <crosstrace/diagnose/home.h>
#include <crosstrace/diagnose/operator_inventory.h>
#include <crosstrace/diagnose/rule.h>
#include <crosstrace/flow/follow_devices.h>
#include <crosstrace/graph/source.h>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace crosstrace {
namespace {

/// A remark on its way to become a finding.
struct Noted {
  std::string_view rule;
  Remark remark;
  Severity severity;
  bool in_conflict = false;
};

/// What a conflict names, for look-up.
class Noticeboard {
 public:
  void add(std::string_view rule, Remark remark) {
    // These stand at an operator for another reason than the device that it fixes.
    const bool fixes_device =
        rule != "random" && rule != "unsafe-operator" && !rule.starts_with("baked-");
    if (remark.node != nullptr && fixes_device) by_node_.try_emplace(remark.node, noted_.size());
    if (!remark.attribute.empty()) by_attribute_.try_emplace(remark.attribute, noted_.size());
    const Severity severity = remark.severity;
    noted_.push_back({rule, std::move(remark), severity});
  }

  /// The first remark at the origin, or null.
  Noted* find(const Origin& origin) {
    if (origin.node == nullptr) {
      const auto found = by_attribute_.find(origin.attribute);
      return found == by_attribute_.end() ? nullptr : &noted_[found->second];
    }
    const auto found = by_node_.find(origin.node);
    return found == by_node_.end() ? nullptr : &noted_[found->second];
  }

  const std::vector<Noted>& all() const { return noted_; }

 private:
  std::vector<Noted> noted_;
  std::unordered_map<const torch::jit::Node*, std::size_t> by_node_;
  std::unordered_map<std::string, std::size_t> by_attribute_;
};

/// Conflicts of one method in one cell after the other, each cell followed once.
class Cells {
 public:
  Cells(const Program& program, const detail::Home& home) : program_(program), home_(home) {}

  const std::vector<Conflict>& conflicts(const InlinedMethod& method, Transfer transfer,
                                         const std::string& run_device) {
    auto [entry, is_new] = known_.try_emplace({&method, transfer, run_device});
    if (is_new) {
      entry->second = follow_devices(program_, method,
                                     {transfer, home_.name, run_device, home_.read_elsewhere});
    }
    return entry->second;
  }

 private:
  const Program& program_;
  const detail::Home& home_;
  std::map<std::tuple<const InlinedMethod*, Transfer, std::string>, std::vector<Conflict>> known_;
};

/// Where to look for what is to blame: the origins, or, where a value that moves as it should is
/// refused, the operator that refuses it.
std::vector<Origin> culprits(const Conflict& conflict) {
  if (!conflict.origins.empty() || conflict.node == nullptr) return conflict.origins;
  return {Origin{conflict.node, ""}};
}

/// A conflict must not pass in silence because no rule has an eye for its origin.
void add_unseen(Noticeboard& board, const InlinedMethod& method, const Origin& origin,
                bool refuses) {
  Remark remark{&method, origin.node, origin.attribute};
  if (origin.node == nullptr) {
    remark.method = nullptr;
    remark.message = "Attribute " + origin.attribute + " does not follow the module.";
    return board.add("stranded-attribute", std::move(remark));
  }
  const std::string op = origin.node->kind().toQualString();
  remark.repair = refuses ? Repairability::kManual : Repairability::kAutomatic;
  if (refuses) {
    remark.message = op + " wants one of its tensors on the CPU, wherever the module runs.";
    remark.advice = "Move that tensor where it is passed (lengths.cpu() in a script).";
    return board.add("missing-kernel", std::move(remark));
  }
  remark.message = op + " fixes the device of its result, wherever the module runs.";
  remark.advice = "Let the result follow an input's device.";
  board.add("device-literal", std::move(remark));
}

/// A method beside forward may well return what it moved to the CPU.
void raise(Noticeboard& board, const InlinedMethod& method,
           const std::vector<Conflict>& conflicts) {
  for (const Conflict& conflict : conflicts) {
    if (conflict.is_suspicion) continue;
    if (conflict.verdict == Verdict::kWrongDevice && method.name != "forward") continue;
    for (const Origin& origin : culprits(conflict)) {
      if (board.find(origin) == nullptr) {
        add_unseen(board, method, origin, conflict.origins.empty());
      }
      Noted* noted = board.find(origin);
      const Severity severity = conflict.certain ? Severity::kError : Severity::kWarning;
      noted->severity = std::max(noted->severity, severity);
      noted->in_conflict = true;
    }
  }
}

/// Methods of submodules that nobody calls are looked at, but nobody runs them either.
void raise_all(Noticeboard& board, const Program& program, Cells& cells,
               const std::vector<std::string>& devices) {
  for (const InlinedMethod& method : program.methods()) {
    if (!method.is_entry) continue;
    for (const Transfer transfer : {Transfer::kTo, Transfer::kLoad}) {
      for (const std::string& device : devices) {
        raise(board, method, cells.conflicts(method, transfer, device));
      }
    }
  }
}

Finding make_finding(const Noted& noted) {
  const Remark& remark = noted.remark;
  Finding finding;
  finding.rule = noted.rule;
  finding.severity = noted.severity;
  finding.message = remark.message;
  finding.advice = remark.advice;
  finding.repair = remark.repair;
  finding.method = remark.method == nullptr ? remark.function : remark.method->name;
  if (remark.node != nullptr) {
    finding.operator_name = remark.node->kind().toQualString();
    if (remark.method != nullptr) finding.module_path = module_path(*remark.method, *remark.node);
    NodeSource source = source_of(*remark.node);
    finding.source = std::move(source.line);
    finding.function = std::move(source.function);
  } else if (const auto dot = remark.attribute.rfind('.'); dot != std::string::npos) {
    finding.module_path = remark.attribute.substr(0, dot);
  }
  return finding;
}

using Ids = std::map<const Noted*, std::string>;

std::vector<Finding> make_findings(const Noticeboard& board, const std::string& prefix, Ids& ids) {
  std::vector<Finding> findings;
  std::map<std::string_view, int> numbers;
  for (const Noted& noted : board.all()) {
    if (noted.remark.only_in_conflict && !noted.in_conflict) continue;
    findings.push_back(make_finding(noted));
    findings.back().id =
        prefix + std::string(noted.rule) + "-" + std::to_string(++numbers[noted.rule]);
    ids[&noted] = findings.back().id;
  }
  return findings;
}

/// What several findings say of one cell.
class Verdicts {
 public:
  using Answer = Prediction::Answer;

  void add(Answer answer, Verdict verdict) {
    // What is certain counts more; of what is as certain, an error stops the run first.
    const bool worse =
        answer > prediction_.answer || (answer == prediction_.answer && verdict == Verdict::kError);
    if (worse) prediction_.verdict = verdict;
    prediction_.answer = std::max(prediction_.answer, answer);
  }

  void add_cause(const Ids& ids, const Noted* noted, Verdict verdict) {
    add_id(prediction_.causes, ids, noted);
    add_id(prediction_.causes_by_verdict[verdict], ids, noted);
  }

  void add_suspect(const Ids& ids, const Noted* noted) { add_id(prediction_.suspects, ids, noted); }

  Prediction take() { return std::move(prediction_); }

 private:
  static void add_id(std::vector<std::string>& list, const Ids& ids, const Noted* noted) {
    const auto id = noted == nullptr ? ids.end() : ids.find(noted);
    if (id == ids.end()) return;
    if (std::find(list.begin(), list.end(), id->second) == list.end()) list.push_back(id->second);
  }

  Prediction prediction_;
};

using Cell = std::pair<Transfer, std::string>;

Prediction predict(const Cell& cell, const std::vector<Conflict>& conflicts, Noticeboard& board,
                   const Ids& ids) {
  using Answer = Prediction::Answer;
  Verdicts verdicts;
  for (const Noted& noted : board.all()) {
    if (noted.severity == Severity::kNote || !noted.remark.fails) continue;
    if (!noted.remark.fails(cell.first, cell.second)) continue;
    const bool certain = noted.remark.severity == Severity::kError;
    verdicts.add(certain ? Answer::kFails : Answer::kMayFail, Verdict::kError);
    verdicts.add_cause(ids, &noted, Verdict::kError);
  }
  for (const Conflict& conflict : conflicts) {
    if (conflict.is_suspicion) {
      verdicts.add_suspect(ids, board.find(conflict.origins.front()));
      continue;
    }
    verdicts.add(conflict.certain ? Answer::kFails : Answer::kMayFail, conflict.verdict);
    for (const Origin& origin : culprits(conflict)) {
      verdicts.add_cause(ids, board.find(origin), conflict.verdict);
    }
  }
  return verdicts.take();
}

}  // namespace

Diagnosis diagnose(torch::jit::Module module, const DiagnoseOptions& options,
                   const std::vector<std::pair<Transfer, std::string>>& cells) {
  const Program program(std::move(module));
  const detail::Home home = detail::find_home(program, options);
  const RuleContext context{program, home.name, options.storage_locations, options.stood_in,
                            options.targets};
  Noticeboard board;
  for (const Rule& rule : all_rules()) {
    rule.look(context, [&](Remark remark) { board.add(rule.name, std::move(remark)); });
  }
  Cells followed(program, home);
  raise_all(board, program, followed, detail::other_devices(home.name));
  Ids ids;
  Diagnosis diagnosis;
  diagnosis.findings = make_findings(board, options.id_prefix, ids);
  diagnosis.operators = operator_inventory(program, options.targets);
  const InlinedMethod* method = program.find_method(options.method);
  for (const auto& cell : cells) {
    if (method == nullptr) break;
    diagnosis.predictions[cell] =
        predict(cell, followed.conflicts(*method, cell.first, cell.second), board, ids);
  }
  return diagnosis;
}

}  // namespace crosstrace
