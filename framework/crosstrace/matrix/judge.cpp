// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/judge.h>
#include <crosstrace/observe/placement_recorder.h>

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

/// All calls of one input set.
class SetJudge {
 public:
  SetJudge(Cell& cell, std::size_t set, const RunOptions& options, c10::Device run_device,
           PlacementRecorder& recorder, CellResult& result)
      : cell_(cell), set_(set), options_(options), recorder_(recorder), result_(result) {
    compare_options_.tolerance = options.tolerance ? options.tolerance : cell.model().tolerance;
    compare_options_.device = run_device;
  }

  /// Runs without anything to compare with: only what a call dies of counts.
  void run_only() {
    for (int call = 0; call < options_.runs && undecided(); ++call) {
      settle_if_dead(call, [&] { (void)move_value(answer(), c10::kCPU); });
    }
  }

  void compare_with(const std::vector<c10::IValue>& expected) {
    for (int call = 0; call < options_.runs && undecided(); ++call) {
      settle_if_dead(call, [&] { compare_call(call, answer(), expected); });
    }
    if (first_difference_ == Difference::kNone || !undecided()) return;
    settle(verdict_of(first_difference_), which(0) + first_.message());
  }

 private:
  bool undecided() const { return result_.verdict == Verdict::kMatch; }

  void settle(Verdict verdict, std::string message) {
    result_.verdict = verdict;
    result_.message = std::move(message);
  }

  template <class Work>
  void settle_if_dead(int call, Work work) {
    if (auto failure = guarded(work)) settle(failure->verdict, which(call) + failure->message);
  }

  /// Only the call itself is recorded, not the copies that CrossTrace makes around it.
  c10::IValue answer() {
    const Inputs inputs = cell_.inputs(set_);
    const PlacementRecorder::Scope scope(recorder_);
    return cell_.call(inputs);
  }

  /// Reading the answer of an accelerator also makes it report its errors in the call that made
  /// them.
  void compare_call(int call, const c10::IValue& output, const std::vector<c10::IValue>& expected) {
    const Comparison comparison = compare(output, expected.at(call), compare_options_);
    if (call == 0) {
      first_output_ = output;
      first_ = comparison;
      first_difference_ = comparison.difference();
      if (set_ == 0 || !comparison.matches()) result_.outputs = comparison.leaves;
    } else if (first_difference_ == Difference::kNone) {
      if (!comparison.matches())
        settle_unstable(call, comparison, bitwise_equal(expected[call], expected[0]));
    } else if (bitwise_equal(expected[call], expected[0])) {
      CompareOptions anywhere = compare_options_;
      anywhere.device = std::nullopt;
      if (!compare(output, move_value(first_output_, c10::kCPU), anywhere).matches()) {
        settle(Verdict::kUnstable,
               which(call) +
                   "answers otherwise than call 1, and call 1 is wrong too: " + first_.message());
      }
    }
  }

  void settle_unstable(int call, const Comparison& comparison, bool reference_repeats) {
    result_.outputs = comparison.leaves;
    settle(reference_repeats ? Verdict::kUnstable : verdict_of(comparison.difference()),
           which(call) + "differs although call 1 matched: " + comparison.message());
  }

  std::string which(int call) const {
    const std::string set =
        cell_.model().inputs.size() > 1 ? "input set " + std::to_string(set_ + 1) + ", " : "";
    return set + "call " + std::to_string(call + 1) + " of " + std::to_string(options_.runs) + ": ";
  }

  Cell& cell_;
  std::size_t set_;
  const RunOptions& options_;
  PlacementRecorder& recorder_;
  CellResult& result_;
  CompareOptions compare_options_;
  c10::IValue first_output_;
  Comparison first_;
  Difference first_difference_ = Difference::kNone;
};

/// The device with its index, as tensors on it name it.
c10::Device run_device(const Cell& cell) {
  return at::empty({0}, at::TensorOptions(to_device(cell.id().run_device))).device();
}

std::size_t judge_sets(Cell& cell, const Reference& reference, const RunOptions& options,
                       CellResult& result) {
  const c10::Device device = run_device(cell);
  PlacementRecorder recorder(device);
  std::size_t set = 0;
  for (; set < cell.model().inputs.size() && result.verdict == Verdict::kMatch; ++set) {
    SetJudge judge(cell, set, options, device, recorder, result);
    reference.failure ? judge.run_only() : judge.compare_with(reference.outputs.at(set));
  }
  result.placement = recorder.proof();
  return set - 1;
}

void judge_trust(const Reference& reference, CellResult& result) {
  if (result.verdict != Verdict::kMatch) return;
  if (reference.failure) {
    result.verdict = Verdict::kUntrusted;
    result.message =
        "it ran, but there is nothing to compare with: the reference on the CPU failed: " +
        reference.failure->message;
  } else if (!reference.untrusted.empty()) {
    result.verdict = Verdict::kUntrusted;
    result.message = reference.untrusted;
  }
}

}  // namespace

std::size_t judge_calls(Cell& cell, const Reference& reference, const RunOptions& options,
                        CellResult& result) {
  result.verdict = Verdict::kMatch;
  const std::size_t set = judge_sets(cell, reference, options, result);
  judge_trust(reference, result);
  const std::string strays = result.placement.describe_strays();
  if (!strays.empty()) result.message += (result.message.empty() ? "" : "\n") + strays;
  return set;
}

}  // namespace crosstrace
