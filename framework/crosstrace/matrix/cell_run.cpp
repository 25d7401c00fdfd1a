// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What a cell does once it has its module: judged, settled, explained. Apart from cell.cpp, which
// those that judge and explain build on.

#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/devices/process_state.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/explain.h>
#include <crosstrace/matrix/judge.h>
#include <crosstrace/matrix/precision_effect.h>

#include <chrono>
#include <vector>

namespace crosstrace {
namespace {

using Clock = std::chrono::steady_clock;

/// Behind the cause, LibTorch's interpreter tells files and lines (`error_text`).
std::string without_traceback(const std::string& cause) {
  return cause.substr(0, cause.find("\nThe following operation failed in the TorchScript"));
}

}  // namespace

/// @returns with what it failed, if it did; none if there was no export that could.
std::optional<FailedCell> Cell::judge(CellResult& result, std::string& cause) {
  if (const auto failure = export_failure()) {
    result.verdict = failure->verdict;
    result.message = failure->message;
    cause = session_.exported(model_, id_.export_kind, id_.trace_device).failure->message;
    return std::nullopt;
  }
  const Reference& reference = session_.reference(model_);  // Before the weights are brought away.
  const auto start = Clock::now();
  if (auto failure = guarded([&] { module(); })) {
    result.verdict = failure->verdict;
    result.message = "the transfer failed: " + failure->message;
    cause = failure->message;
    return FailedCell{};
  }
  // What a call dies of is settled inside; here remains what is wrong around the calls.
  FailedCell failed;
  std::vector<c10::IValue> answers;
  Clock::duration asking{};  // The referee, who is there for other cells too.
  const RefereeSource referee = [&](std::size_t of_set, int call) -> const Referee& {
    const auto before = Clock::now();
    const Referee& referee = session_.referee(model_, id_, of_set, call);
    asking += Clock::now() - before;
    return referee;
  };
  const auto failure = guarded([&] {
    Judgement judgement = judge_calls(*this, reference, referee, session_.options(), result);
    failed.set = judgement.set;
    cause = std::move(judgement.cause);
    answers = std::move(judgement.first_answers);
  });
  if (failure) {
    result.verdict = failure->verdict;
    result.message = cause = failure->message;
  }
  failed.took = Clock::now() - start - asking;
  if (session_.precision(model_) == Precision::kStrict && !result.outputs.empty()) {
    result.as_exported = session_.as_exported(
        model_, id_, [&] { return as_exported_effect(*this, session_, answers); });
  }
  return failed;
}

/// Errors of accelerators come late, and the next who asks would get those of this cell.
/// @returns false if it lost a device, of which it died, whatever its answers looked like.
bool Cell::settle(CellResult& result, std::string& cause) const {
  const std::vector<DeviceInfo> lost = settle_devices(id_.describe());
  const bool was_told = result.verdict == Verdict::kError || result.verdict == Verdict::kCrashed;
  if (!lost.empty() && !was_told) {
    result.verdict = Verdict::kError;
    result.message.clear();
    cause.clear();
  }
  for (const DeviceInfo& info : lost) {
    for (std::string* text : {&result.message, &cause}) {
      *text += (text->empty() ? "" : "\n") + info.name + " was " + info.reason;
    }
  }
  return lost.empty();
}

/// What has nothing to compare with did not fail of anything.
void Cell::explain_failure(CellResult& result, const FailedCell& failed) const {
  if (!is_failure(result.verdict) || result.verdict == Verdict::kUntrusted) return;
  explain(*this, session_, failed, result);
}

void Cell::evaluate(CellResult& result, std::string& cause) {
  if (auto failure = why_not_runnable()) {
    result.verdict = failure->verdict;
    result.message = cause = failure->message;
    return;
  }
  const std::optional<FailedCell> failed = judge(result, cause);
  if (!settle(result, cause) || !failed) return;  // On a lost device nothing can be explained.
  explain_failure(result, *failed);
  (void)settle_devices("the search for what " + id_.describe() + " failed of");
}

void Cell::apply_expectation(CellResult& result, const std::string& cause) const {
  const Expectation* expected = find_expectation(model_, id_);
  if (expected == nullptr || result.verdict == Verdict::kSkipped) return;
  const std::string declared =
      std::string(to_string(expected->verdict)) + ": " + expected->cause.text();
  result.expected_failure = declared;
  if (result.verdict == Verdict::kMatch) {
    result.message = "expected to fail with " + declared +
                     "\nbut it matches; remove the expectation at " + model_.where.str();
  } else if (result.verdict == expected->verdict &&
             expected->cause.accepts(without_traceback(cause))) {
    result.failed_as_expected = true;
  } else {
    result.message += "\nexpected to fail otherwise, with " + declared;
  }
}

CellResult Cell::run() {
  CellResult result;
  result.id = id_;
  const ProcessStateScope process;
  std::string cause;
  const auto start = Clock::now();
  evaluate(result, cause);
  result.duration_ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  apply_expectation(result, cause);
  session_.tell(result);
  return result;
}

const CellResult& Cell::result() const {
  if (!result_) result_ = Cell(*this).run();
  return *result_;
}

}  // namespace crosstrace
