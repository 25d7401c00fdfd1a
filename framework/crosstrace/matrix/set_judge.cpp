// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/bitwise.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/export/buffers.h>
#include <crosstrace/matrix/compare_answer.h>
#include <crosstrace/matrix/set_judge.h>

#include <algorithm>

namespace crosstrace {
namespace {

Verdict verdict_of(Difference difference) {
  switch (difference) {
    case Difference::kNone:
      return Verdict::kMatch;
    case Difference::kStructure:
    case Difference::kShape:
      return Verdict::kWrongShape;
    case Difference::kDtype:
      return Verdict::kWrongDtype;
    case Difference::kNonfinite:
      return Verdict::kNonfinite;
    case Difference::kValues:
      return Verdict::kMismatch;
    case Difference::kDevice:
      return Verdict::kWrongDevice;
  }
  return Verdict::kError;
}

/// False also where only what a call wrote differs.
bool differs_in_answer(const std::vector<LeafComparison>& leaves) {
  return std::any_of(leaves.begin(), leaves.end(), [](const LeafComparison& leaf) {
    return leaf.difference != Difference::kNone && leaf.path.starts_with("output");
  });
}

/// The greatest share of its limit that evidence found among outputs that it let pass; 0 if it was
/// not asked.
double nearest_to_limit(const std::vector<LeafComparison>& outputs) {
  double greatest = 0;
  for (const LeafComparison& leaf : outputs) {
    if (!is_excused(leaf)) continue;
    greatest = std::max(greatest, leaf.evidence->factor / leaf.evidence->limit);
  }
  return greatest;
}

/// What stands in for CUDA rounds as CUDA may.
bool may_round_to_tf32(c10::Device device) { return device.is_cuda() || device.is_privateuseone(); }

}  // namespace

bool is_excused(const LeafComparison& leaf) {
  return leaf.difference == Difference::kNone && leaf.evidence &&
         leaf.evidence->decided_by == Evidence::DecidedBy::kEvidence;
}

SetJudge::SetJudge(Cell& cell, std::size_t set, const RefereeSource& referee,
                   const RunOptions& options, bool is_of_cpu, c10::Device run_device,
                   PlacementRecorder& recorder, CellResult& result, Judgement& judgement)
    : cell_(cell),
      set_(set),
      referee_(referee),
      options_(options),
      recorder_(recorder),
      result_(result),
      judgement_(judgement) {
  compare_options_.tolerance = options.tolerance ? options.tolerance : cell.model().tolerance;
  compare_options_.device = run_device;
  const bool is_fixed = options.tolerance_mode == ToleranceMode::kFixed;
  if (compare_options_.tolerance || is_fixed) return;
  EvidenceOptions& evidence = compare_options_.evidence.emplace();
  evidence.referee = [this]() -> const Referee& { return referee_(set_, call_); };
  const Precision precision = cell.model().precision.value_or(options.precision);
  evidence.may_be_tf32 = precision != Precision::kStrict && may_round_to_tf32(run_device);
  if (!is_of_cpu) evidence.reference = "the reference";
}

void SetJudge::run_only() {
  for (int call = 0; call < options_.runs && undecided(); ++call) {
    settle_if_dead(call, [&] { (void)move_value(answer(), c10::kCPU); });
  }
}

void SetJudge::compare_with(const std::vector<c10::IValue>& expected,
                            const std::vector<LeftBehind>& left) {
  for (call_ = 0; call_ < options_.runs && undecided(); ++call_) {
    settle_if_dead(call_, [&] { compare_call(call_, answer(), expected, left); });
  }
  if (first_difference_ == Difference::kNone || !undecided()) return;
  settle(verdict_of(first_difference_), which(0), first_.message());
}

void SetJudge::settle(Verdict verdict, const std::string& where, std::string cause) {
  result_.verdict = verdict;
  result_.message = where + cause;
  judgement_.cause = std::move(cause);
}

Comparison SetJudge::compare_answer(const c10::IValue& actual, const c10::IValue& expected,
                                    const CompareOptions& options) const {
  return crosstrace::compare_answer(cell_.model(), cell_.id(), options_, actual, expected, options);
}

c10::IValue SetJudge::answer() {
  if (needs_inputs_) inputs_ = cell_.inputs(set_);
  before_ = writable(inputs_, buffers_of(cell_.module()));
  watch_.emplace(before_);
  const PlacementRecorder::Scope scope(recorder_);
  needs_inputs_ = true;  // Also if the call dies.
  c10::IValue answer = cell_.call(inputs_);
  needs_inputs_ = cell_.may_write_arguments() || wrote_arguments();
  return answer;
}

bool SetJudge::wrote_arguments() const {
  return std::any_of(before_.begin(), before_.end(), [&](const auto& item) {
    return item.first.starts_with("argument ") && watch_->was_written(item.first, item.second);
  });
}

std::string SetJudge::shown(const std::string& name) {
  const std::string kArgument = "argument ";
  if (!name.starts_with(kArgument)) return name;
  const auto& schema = cell_.module().get_method(cell_.id().method).function().getSchema();
  const std::size_t i = std::stoul(name.substr(kArgument.size())) + 1;  // The first is self.
  return i < schema.arguments().size() ? kArgument + schema.arguments()[i].name() : name;
}

CompareOptions SetJudge::options_for(const std::string& name, int call) {
  CompareOptions options = compare_options_;
  options.name = shown(name) + " after call " + std::to_string(call + 1);
  const c10::IValue& before = before_.at(name);
  options.device = std::nullopt;
  if (before.isTensor() && before.toTensor().defined()) {
    options.device = before.toTensor().device();
  }
  if (options.evidence) {
    options.evidence->referee = [this, name]() -> const Referee& {
      return referee_of_written(name);
    };
  }
  return options;
}

const Referee& SetJudge::referee_of_written(const std::string& name) {
  const Referee& whole = referee_(set_, call_);
  written_referee_ = {};
  written_referee_.why_not = whole.why_not;
  const auto found = whole.written.find(name);
  if (found != whole.written.end()) {
    written_referee_.in_float64 = found->second.first;
    written_referee_.in_own_precision = found->second.second;
  } else if (whole.why_not.empty()) {
    written_referee_.why_not = "the export has no " + name;
  }
  return written_referee_;
}

void SetJudge::compare_written(int call, const LeftBehind& expected, Comparison& comparison) {
  const Writable after = writable(inputs_, buffers_of(cell_.module()));
  for (const auto& [name, left] : expected) {
    const auto now = after.find(name);
    if (now == after.end() || !before_.contains(name)) continue;
    if (!left.written && !watch_->was_written(name, now->second)) continue;
    const Comparison written = compare_answer(now->second, left.value, options_for(name, call));
    comparison.leaves.insert(comparison.leaves.end(), written.leaves.begin(), written.leaves.end());
  }
}

void SetJudge::keep_if_nearer_to_limit(const Comparison& comparison) {
  if (!comparison.matches()) return;
  if (nearest_to_limit(comparison.leaves) > nearest_to_limit(result_.outputs)) {
    result_.outputs = comparison.leaves;
  }
}

void SetJudge::compare_call(int call, const c10::IValue& output,
                            const std::vector<c10::IValue>& expected,
                            const std::vector<LeftBehind>& left) {
  Comparison comparison = compare_answer(output, expected.at(call), compare_options_);
  if (!left.empty()) compare_written(call, left.at(call), comparison);
  const bool repeats = bitwise_equal(expected[call], expected[0]);
  if (call == 0) {
    first_output_ = output;
    judgement_.first_answers.push_back(output);
    first_ = comparison;
    first_difference_ = comparison.difference();
    if (set_ == 0 || !comparison.matches()) result_.outputs = comparison.leaves;
    keep_if_nearer_to_limit(comparison);
  } else if (first_difference_ == Difference::kNone) {
    keep_if_nearer_to_limit(comparison);
    if (comparison.matches()) return;
    const bool is_answer = differs_in_answer(comparison.leaves);
    const bool writes_the_same = is_answer || left.empty() || same_left_behind(left[call], left[0]);
    settle_unstable(call, comparison, repeats && writes_the_same);
  } else if (repeats) {
    CompareOptions anywhere = compare_options_;
    anywhere.device = std::nullopt;
    anywhere.evidence = std::nullopt;
    if (!compare_answer(output, move_value(first_output_, c10::kCPU), anywhere).matches()) {
      settle(Verdict::kUnstable, which(call),
             "answers otherwise than call 1, and call 1 is wrong too: " + first_.message());
    }
  }
}

void SetJudge::settle_unstable(int call, const Comparison& comparison, bool reference_repeats) {
  result_.outputs = comparison.leaves;
  settle(reference_repeats ? Verdict::kUnstable : verdict_of(comparison.difference()), which(call),
         "differs although call 1 matched: " + comparison.message());
}

std::string SetJudge::which(int call) const {
  const std::string set =
      cell_.model().inputs.size() > 1 ? "input set " + std::to_string(set_ + 1) + ", " : "";
  return set + "call " + std::to_string(call + 1) + " of " + std::to_string(options_.runs) + ": ";
}

}  // namespace crosstrace
