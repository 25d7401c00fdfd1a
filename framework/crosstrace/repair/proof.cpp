// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/matrix/availability.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/repair/proof.h>

#include <algorithm>
#include <stdexcept>

namespace crosstrace {
namespace {

Model archive_model(const std::string& path, const ProofCalls& calls) {
  Model model;
  model.name = archive_model_name(path);
  model.where = {path, 0};
  model.archive = path;
  model.inputs = calls.inputs;
  model.tolerance = calls.tolerance;
  return model;
}

CellId cell_at(const std::string& home, Transfer transfer, const std::string& device) {
  return {"", ExportKind::kArchive, home, transfer, device};
}

/// Answers of two archives on one device, compared call by call.
class HomeComparison {
 public:
  HomeComparison(const Model& original, const Model& changed, const std::string& home,
                 const RunOptions& options)
      : session_(options),
        original_(session_, original, cell_at(home, Transfer::kAsTraced, home)),
        other_session_(options),
        changed_(other_session_, changed, cell_at(home, Transfer::kAsTraced, home)) {}

  /// @returns why they are not the same, one line; empty if they are.
  std::string run(Proof& proof) {
    const std::size_t sets = original_.model().inputs.size();
    for (std::size_t set = 0; set < sets; ++set) {
      for (int call = 0; call < session_.options().runs; ++call) {
        if (std::string why = compare_call(set, call); !why.empty()) return why;
        ++proof.calls_at_home;
      }
    }
    return {};
  }

 private:
  std::string compare_call(std::size_t set, int call) {
    c10::IValue before, after;
    const std::string where = " in call " + std::to_string(call + 1) + " of input set " +
                              std::to_string(set + 1) + " on " + original_.id().run_device;
    if (auto failure = guarded([&] { before = original_.call(original_.inputs(set)); })) {
      return "the archive itself fails" + where + ": " + first_line(failure->message);
    }
    if (auto failure = guarded([&] { after = changed_.call(changed_.inputs(set)); })) {
      return "the repaired archive fails" + where + ": " + first_line(failure->message);
    }
    bool same = false;
    if (auto failure = guarded([&] { same = bitwise_equal(after, before); })) {
      return "the answers cannot be compared" + where + ": " + first_line(failure->message);
    }
    return same ? "" : "the repaired archive does not answer as before to the last bit" + where;
  }

  Session session_;
  Cell original_;
  Session other_session_;
  Cell changed_;
};

std::vector<CellId> cells_of(const Model& model, const std::string& home,
                             const std::vector<std::string>& devices) {
  std::vector<CellId> cells;
  for (const std::string& device : devices) {
    if (device == home) cells.push_back(cell_at(home, Transfer::kAsTraced, device));
    cells.push_back(cell_at(home, Transfer::kTo, device));
    cells.push_back(cell_at(home, Transfer::kLoad, device));
  }
  for (CellId& id : cells) id.model = model.name;
  return cells;
}

/// @returns why the matrix does not hold, one line; empty if it does.
std::string run_matrix(const Model& model, const std::vector<CellId>& cells,
                       const RunOptions& options, Proof& proof) {
  Session session(options);
  for (const CellId& id : cells) proof.cells.push_back(Cell(session, model, id).run());
  const auto failed = std::find_if(proof.cells.begin(), proof.cells.end(),
                                   [](const auto& cell) { return is_failure(cell.verdict); });
  if (failed != proof.cells.end()) {
    return "the repaired archive fails in the cell " + failed->id.describe() + ": " +
           std::string(to_string(failed->verdict)) + ": " + first_line(failed->message);
  }
  const bool left_home = std::any_of(proof.cells.begin(), proof.cells.end(), [](const auto& cell) {
    return cell.verdict != Verdict::kSkipped && cell.id.run_device != cell.id.trace_device;
  });
  return left_home ? "" : "no other device than its home is there, so nothing could be proven";
}

}  // namespace

std::string why_not_at_home(const std::string& home, const std::vector<std::string>& devices) {
  std::vector<std::string> all = devices;
  all.push_back(home);
  probe_devices(all);
  const auto absent = why_not_runnable(cell_at(home, Transfer::kAsTraced, home), {});
  if (!absent) return {};
  return "the archive was made on " + home +
         ", and whether it still answers as before can only be seen there: " +
         first_line(absent->message);
}

Proof prove(const std::string& original, const std::string& changed, const std::string& home,
            const ProofCalls& calls) {
  if (calls.inputs.empty()) {
    throw std::invalid_argument("without inputs there is nothing to prove a repair with");
  }
  Proof proof;
  proof.why_not = why_not_at_home(home, calls.devices);
  if (!proof.why_not.empty()) return proof;
  RunOptions options;
  options.seed = calls.seed;
  options.runs = calls.runs;
  options.required = calls.required;
  const Model before = archive_model(original, calls), after = archive_model(changed, calls);
  proof.why_not = HomeComparison(before, after, home, options).run(proof);
  if (!proof.why_not.empty()) return proof;
  proof.why_not = run_matrix(after, cells_of(after, home, calls.devices), options, proof);
  return proof;
}

}  // namespace crosstrace
