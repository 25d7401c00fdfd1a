// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/matrix/judge.h>
#include <crosstrace/matrix/set_judge.h>

namespace crosstrace {
namespace {

/// How a match was decided, one line for each output that is outside rtol and atol.
std::string evidence_of(const std::vector<LeafComparison>& outputs) {
  std::string text;
  for (const LeafComparison& leaf : outputs) {
    if (!is_excused(leaf)) continue;
    text += (text.empty() ? "" : "\n") + leaf.evidence->message;
  }
  return text;
}

/// The device with its index, as tensors on it name it.
c10::Device run_device(const Cell& cell) {
  return at::empty({0}, at::TensorOptions(to_device(cell.id().run_device))).device();
}

Judgement judge_sets(Cell& cell, const Reference& reference, const RefereeSource& referee,
                     const RunOptions& options, CellResult& result) {
  const c10::Device device = run_device(cell);
  PlacementRecorder recorder(device);
  Judgement judgement;
  std::size_t set = 0;
  for (; set < cell.model().inputs.size() && result.verdict == Verdict::kMatch; ++set) {
    const bool is_of_cpu = !options.expected && reference.home.device == "cpu";
    SetJudge judge(cell, set, referee, options, is_of_cpu, device, recorder, result, judgement);
    const bool knows_written = set < reference.left.size();
    reference.failure
        ? judge.run_only()
        : judge.compare_with(reference.outputs.at(set),
                             knows_written ? reference.left[set] : std::vector<LeftBehind>{});
  }
  result.placement = recorder.proof();
  judgement.set = set - 1;
  return judgement;
}

/// @param trusted why the author trusts a reference that seems to prove nothing; may be empty.
void judge_trust(const Reference& reference, const std::string& trusted, CellResult& result) {
  if (result.verdict != Verdict::kMatch) return;
  if (reference.failure) {
    result.verdict = Verdict::kUntrusted;
    result.message = "it ran, but there is nothing to compare with: the reference on " +
                     describe(reference.home) + " failed: " + reference.failure->message;
  } else if (!reference.untrusted.empty() && !trusted.empty()) {
    result.message += (result.message.empty() ? "" : "\n") + reference.untrusted +
                      "; trusted all the same: " + trusted;
  } else if (!reference.untrusted.empty()) {
    result.verdict = Verdict::kUntrusted;
    result.message = reference.untrusted;
  }
}

}  // namespace

Judgement judge_calls(Cell& cell, const Reference& reference, const RefereeSource& referee,
                      const RunOptions& options, CellResult& result) {
  result.verdict = Verdict::kMatch;
  Judgement judgement = judge_sets(cell, reference, referee, options, result);
  if (result.verdict == Verdict::kMatch) result.message = evidence_of(result.outputs);
  judge_trust(reference, cell.model().trusted, result);
  if (result.verdict == Verdict::kUntrusted) judgement.cause = result.message;
  const std::string strays = result.placement.describe_strays();
  if (!strays.empty()) result.message += (result.message.empty() ? "" : "\n") + strays;
  return judgement;
}

}  // namespace crosstrace
