// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// All calls of one input set of a cell. For use by `judge.cpp` only.
#pragma once

#include <crosstrace/compare/compare.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/matrix/judgement.h>
#include <crosstrace/matrix/left_behind.h>
#include <crosstrace/observe/placement_recorder.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// An output outside rtol and atol that evidence let pass.
bool is_excused(const LeafComparison& leaf);

class SetJudge {
 public:
  SetJudge(Cell& cell, std::size_t set, const RefereeSource& referee, const RunOptions& options,
           bool is_of_cpu, c10::Device run_device, PlacementRecorder& recorder, CellResult& result,
           Judgement& judgement);
  SetJudge(const SetJudge&) = delete;  // The referee's source points into it.

  /// Runs without anything to compare with: only what a call dies of counts.
  void run_only();

  /// @param left what the calls of the reference wrote; empty if that is not known.
  void compare_with(const std::vector<c10::IValue>& expected, const std::vector<LeftBehind>& left);

 private:
  bool undecided() const { return result_.verdict == Verdict::kMatch; }

  void settle(Verdict verdict, const std::string& where, std::string cause);

  Comparison compare_answer(const c10::IValue& actual, const c10::IValue& expected,
                            const CompareOptions& options) const;

  template <class Work>
  void settle_if_dead(int call, Work work) {
    const auto failure = guarded(work);
    if (!failure) return;
    settle(failure->verdict, which(call), failure->message);
    result_.raised = failure->raised;
  }

  /// Only the call itself is recorded, not the copies that CrossTrace makes around it.
  c10::IValue answer();

  /// A call may write although nothing in its graphs says so.
  bool wrote_arguments() const;

  /// With the name of the argument for its number.
  std::string shown(const std::string& name);

  /// A tensor that was written has to be where it was before.
  CompareOptions options_for(const std::string& name, int call);

  const Referee& referee_of_written(const std::string& name);

  /// What the call wrote is part of what it answers.
  void compare_written(int call, const LeftBehind& expected, Comparison& comparison);

  /// Of answers that match, the one that evidence finds nearest to its limit is told.
  void keep_if_nearer_to_limit(const Comparison& comparison);

  /// Reading the answer of an accelerator also makes it report its errors in the call that made
  /// them.
  void compare_call(int call, const c10::IValue& output, const std::vector<c10::IValue>& expected,
                    const std::vector<LeftBehind>& left);

  void settle_unstable(int call, const Comparison& comparison, bool reference_repeats);

  std::string which(int call) const;

  Cell& cell_;
  std::size_t set_;
  const RefereeSource& referee_;
  const RunOptions& options_;
  PlacementRecorder& recorder_;
  CellResult& result_;
  Judgement& judgement_;
  CompareOptions compare_options_;
  int call_ = 0;
  Inputs inputs_;  // Of the last call, which may have written into them.
  bool needs_inputs_ = true;
  Writable before_;  // The arguments and buffers that it was given.
  std::optional<WriteWatch> watch_;
  Referee written_referee_;
  c10::IValue first_output_;
  Comparison first_;
  Difference first_difference_ = Difference::kNone;
};

}  // namespace crosstrace
