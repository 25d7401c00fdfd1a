// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/move.h>
#include <crosstrace/matrix/causes.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/explain.h>
#include <crosstrace/observe/first_difference.h>

namespace crosstrace {
namespace {

constexpr const char* kReferenceDevice = "cpu";

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

DifferenceSide side_on(const Cell& cell, const std::string& device, std::size_t set) {
  return {[&cell, device] { return cell.module_on(device); }, cell.inputs_on(device, set)};
}

FirstDifference blame(const Cell& cell, Session& session, std::size_t set,
                      const CellResult& result) {
  const RunOptions& options = session.options();
  DifferenceOptions blame_options;
  blame_options.run_device = result.placement.run_device;
  blame_options.tolerance = options.tolerance ? options.tolerance : cell.model().tolerance;
  blame_options.seed = options.seed;
  if (result.verdict == Verdict::kWrongDevice) {
    blame_options.search = DifferenceOptions::Search::kWrongDevice;
  }
  const Reference& reference = session.reference(cell.model());
  if (!reference.failure) blame_options.expected.emplace(reference.outputs.at(set).front());
  return find_first_difference(side_on(cell, kReferenceDevice, set),
                               side_on(cell, cell.id().run_device, set), blame_options);
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

}  // namespace

void explain(const Cell& cell, Session& session, std::size_t set, CellResult& result) {
  FirstDifference found;
  if (has_wrong_answer(result.verdict)) {
    // An export that dies on the CPU has nothing to be compared with.
    (void)guarded([&] { found = blame(cell, session, set, result); });
    if (!found.message.empty()) result.message += "\n" + found.message;
  }
  (void)guarded([&] {
    const std::vector<Finding> more = differences(cell, session, result);
    result.causes = causes_of(result, diagnosis(cell, session), more, found);
  });
}

}  // namespace crosstrace
