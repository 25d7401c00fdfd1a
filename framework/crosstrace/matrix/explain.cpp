// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/matrix/causes.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/explain.h>
#include <crosstrace/matrix/precision_effect.h>
#include <crosstrace/matrix/rerun.h>
#include <crosstrace/observe/first_difference.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace crosstrace {
namespace {

/// Answers can be wrong in ways that the values of operators show.
bool has_wrong_answer(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMismatch:
    case Verdict::kNonfinite:
    case Verdict::kWrongDevice:
    case Verdict::kWrongShape:
    case Verdict::kWrongDtype:
    case Verdict::kUnstable:
      return true;
    default:
      return false;
  }
}

/// What forward wrote into its arguments and buffers is no value of an operator that a search for
/// the first difference could end at.
bool is_in_answer(const CellResult& result) {
  const auto differs = [](const LeafComparison& leaf) {
    return leaf.difference != Difference::kNone;
  };
  const auto differs_in_answer = [&](const LeafComparison& leaf) {
    return differs(leaf) && leaf.path.starts_with("output");
  };
  return std::none_of(result.outputs.begin(), result.outputs.end(), differs) ||
         std::any_of(result.outputs.begin(), result.outputs.end(), differs_in_answer);
}

DifferenceSide side_of(std::shared_ptr<const PlacedExport> placed, Precision precision,
                       Inputs inputs, const std::string& method) {
  return {[placed = std::move(placed), precision] { return placed->copy(precision); },
          std::move(inputs), method};
}

/// An archive is held against its run at home, another export against itself on the reference's
/// device.
std::shared_ptr<const PlacedExport> placed_for_reference(const Cell& cell, Session& session,
                                                         const ArchiveHome& home) {
  return cell.model().archive ? session.placed_at(cell.model(), home) : cell.placed_on(home.device);
}

/// A failing cell may cost ten passing ones, and this one has cost what a passing one does. What
/// took no time at all is no measure.
std::optional<std::chrono::steady_clock::duration> limit_of(const RunOptions& options,
                                                            const FailedCell& failed) {
  if (options.blame == BlameMode::kFull) return std::nullopt;
  const std::chrono::steady_clock::duration least = std::chrono::seconds(1);
  return std::max(9 * failed.took, least);
}

FirstDifference blame(const Cell& cell, Session& session, const FailedCell& failed,
                      const CellResult& result) {
  const RunOptions& options = session.options();
  const std::size_t set = failed.set;
  DifferenceOptions blame_options;
  blame_options.run_device = result.placement.run_device;
  blame_options.tolerance = options.tolerance ? options.tolerance : cell.model().tolerance;
  blame_options.seed = options.seed;
  blame_options.limit = limit_of(options, failed);
  if (result.verdict == Verdict::kWrongDevice) {
    blame_options.search = DifferenceOptions::Search::kWrongDevice;
  }
  const Reference& reference = session.reference(cell.model());
  if (!reference.failure) blame_options.expected.emplace(reference.outputs.at(set).front());
  const std::string& device = cell.id().run_device;
  const Precision precision = session.precision(cell.model());
  const auto run = cell.placed_on(device);
  const auto home = placed_for_reference(cell, session, reference.home);
  return find_first_difference(
      side_of(home, precision, cell.inputs_on(reference.home.device, set), cell.id().method),
      side_of(run, precision, cell.inputs_on(device, set), cell.id().method), blame_options);
}

/// With predictions for all transfers, since others of them are likely to fail too.
const Diagnosis& diagnosis(const Cell& cell, Session& session) {
  const std::string& device = cell.id().run_device;
  return session.diagnosis(
      cell.model(), cell.id(),
      {{Transfer::kAsTraced, device}, {Transfer::kTo, device}, {Transfer::kLoad, device}});
}

std::vector<Finding> differences(const Cell& cell, Session& session, const CellResult& result) {
  if (cell.id().export_kind != ExportKind::kTrace || !may_come_from_trace(result)) return {};
  return session.trace_differences(cell.model(), cell.id());
}

void name_fuser(const Cell& cell, const RunOptions& options, std::size_t set, CellResult& result) {
  bool agrees = false;
  (void)guarded([&] { agrees = agrees_without_fuser(cell, options, set); });
  if (!agrees) return;
  result.message += "\nwith LibTorch's fuser off all " + std::to_string(options.runs) +
                    " calls agree: its fused kernels are the cause";
}

/// That a model draws random numbers is a cause only if they are in its answer.
void settle_random(const Cell& cell, Session& session, std::size_t set, CellResult& result) {
  std::set<std::string> random;
  for (const Finding& finding : session.findings()) {
    if (finding.rule == "random") random.insert(finding.id);
  }
  const auto is_random = [&](const std::string& id) { return random.contains(id); };
  if (std::none_of(result.causes.begin(), result.causes.end(), is_random)) return;
  bool depends = false;
  (void)guarded([&] { depends = depends_on_seed(cell, session.options(), set); });
  if (depends) {
    result.message +=
        "\nanother seed gives another answer: it is made of random numbers, and every kind of "
        "device draws its own";
  } else {
    std::erase_if(result.causes, is_random);
  }
}

/// Whether wrong numbers are the work of TF32, which the cell allows; says so.
bool comes_from_tf32(const Cell& cell, Session& session, std::size_t set, CellResult& result) {
  if (result.verdict != Verdict::kMismatch) return false;
  if (session.precision(cell.model()) == Precision::kStrict) return false;
  if (!matches_strictly(cell, session, set)) return false;
  result.message += "\nthis is TF32: in precision strict the answer is within the tolerance";
  return true;
}

void add_recorded_flags(const std::vector<Finding>& findings, CellResult& result) {
  for (const Finding& finding : findings) {
    if (finding.rule == "baked-precision") result.causes.push_back(finding.id);
  }
}

}  // namespace

void explain(const Cell& cell, Session& session, const FailedCell& failed, CellResult& result) {
  const std::size_t set = failed.set;
  FirstDifference found;
  std::shared_ptr<const PlacedExport> placed;  // So that nothing is moved or loaded once more.
  (void)guarded([&] { placed = cell.placed_on(cell.id().run_device); });
  const bool looks = session.options().blame != BlameMode::kNone;
  if (looks && has_wrong_answer(result.verdict) && is_in_answer(result)) {
    // An export that dies on the CPU has nothing to be compared with.
    (void)guarded([&] {
      const PrecisionScope scope(session.precision(cell.model()));
      const Session::Step step(session, "the first operator that differs");
      found = blame(cell, session, failed, result);
    });
    if (!found.message.empty()) result.message += "\n" + found.message;
  }
  if (result.verdict == Verdict::kUnstable) name_fuser(cell, session.options(), set, result);
  const bool is_tf32 = comes_from_tf32(cell, session, set, result);
  const auto failure = guarded([&] {
    const std::vector<Finding> more = differences(cell, session, result);
    result.causes = causes_of(result, diagnosis(cell, session), more, found);
    if (is_tf32) add_recorded_flags(diagnosis(cell, session).findings, result);
  });
  if (failure) result.message += "\nno cause could be looked for: " + first_line(failure->message);
  settle_random(cell, session, set, result);
}

}  // namespace crosstrace
