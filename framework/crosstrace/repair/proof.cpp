// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/export/buffers.h>
#include <crosstrace/matrix/archive_home.h>
#include <crosstrace/matrix/availability.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/left_behind.h>
#include <crosstrace/matrix/run_order.h>
#include <crosstrace/repair/proof.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace crosstrace {
namespace {

Model archive_model(const Archive& archive, const ProofCalls& calls) {
  Model model;
  model.name = archive_model_name(archive.path());
  model.where = {archive.path(), 0};
  model.archive = archive;
  model.inputs = calls.inputs;
  model.method_inputs = calls.method_inputs;
  model.tolerance = calls.tolerance;
  return model;
}

CellId cell_at(const std::string& home, Transfer transfer, const std::string& device,
               const std::string& method = "forward") {
  return {"", ExportKind::kArchive, home, transfer, device, method};
}

CellId cell_at(const ArchiveHome& home, const std::string& method) {
  return cell_at(home.name, home.transfer, home.device, method);
}

/// Answers of two archives on one device, compared call by call.
class HomeComparison {
 public:
  HomeComparison(const Model& original, const Model& changed, const std::string& home,
                 const RunOptions& options, const StandIns& stand_ins)
      : session_(options),
        original_(session_, original,
                  cell_at(home_here(*original.archive, home, stand_ins), original.method)),
        other_session_(options),
        changed_(other_session_, changed,
                 cell_at(home_here(*changed.archive, home, stand_ins), changed.method)) {}

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
    Call before, after;
    const std::string& method = original_.id().method;
    const std::string where = " in call " + std::to_string(call + 1) +
                              (method == "forward" ? "" : " of " + method) + " of input set " +
                              std::to_string(set + 1) + " on " + original_.id().run_device;
    if (auto failure = guarded([&] { before = make_call(original_, set); })) {
      return "the archive itself fails" + where + ": " + first_line(failure->message);
    }
    if (auto failure = guarded([&] { after = make_call(changed_, set); })) {
      return "the repaired archive fails" + where + ": " + first_line(failure->message);
    }
    std::string differs;
    if (auto failure = guarded([&] { differs = difference(before, after); })) {
      return "the answers cannot be compared" + where + ": " + first_line(failure->message);
    }
    return differs.empty() ? "" : "the repaired archive does not " + differs + where;
  }

  struct Call {
    c10::IValue answer;
    Writable left;  ///< Arguments and buffers, as the call left them.
  };

  static Call make_call(Cell& cell, std::size_t set) {
    const Inputs inputs = cell.inputs(set);
    c10::IValue answer = cell.call(inputs);
    return {std::move(answer), writable(inputs, buffers_of(cell.module()))};
  }

  /// A repair may add buffers.
  static std::string difference(const Call& before, const Call& after) {
    if (!bitwise_equal(after.answer, before.answer)) return "answer as before to the last bit";
    for (const auto& [name, value] : before.left) {
      const auto found = after.left.find(name);
      if (found == after.left.end()) continue;
      if (!bitwise_equal(move_value(found->second, c10::kCPU), move_value(value, c10::kCPU))) {
        return "leave " + name + " as before to the last bit";
      }
    }
    return {};
  }

  Session session_;
  Cell original_;
  Session other_session_;
  Cell changed_;
};

/// @param home of the changed archive, which may be another one than before: what was stored on a
/// GPU is stored on the CPU.
std::vector<CellId> cells_of(const Model& model, const std::string& home, const StandIns& stand_ins,
                             const std::vector<std::string>& devices) {
  std::vector<CellId> cells;
  for (const std::string& device : devices) {
    if (device == device_here(home, stand_ins))
      cells.push_back(cell_at(home, Transfer::kAsTraced, device, model.method));
    cells.push_back(cell_at(home, Transfer::kTo, device, model.method));
    cells.push_back(cell_at(home, Transfer::kLoad, device, model.method));
  }
  for (CellId& id : cells) id.model = model.name;
  return cells;
}

/// @returns why the matrix does not hold, one line; empty if it does.
/// @param old_home of the archive before it was changed, where it was compared already.
std::string run_matrix(const std::vector<Model>& methods, const std::string& home,
                       const StandIns& stand_ins, const std::vector<std::string>& devices,
                       const RunOptions& options, const std::string& old_home, Proof& proof) {
  std::vector<CellId> cells;
  std::vector<const Model*> models;
  for (const Model& model : methods) {
    for (CellId& id : cells_of(model, home, stand_ins, devices)) {
      cells.push_back(std::move(id));
      models.push_back(&model);
    }
  }
  Session session(options);
  proof.cells.resize(cells.size());
  for (const std::size_t i : running_order(cells)) {
    proof.cells[i] = Cell(session, *models[i], cells[i]).run();
  }
  const auto failed = std::find_if(proof.cells.begin(), proof.cells.end(),
                                   [](const auto& cell) { return is_failure(cell.verdict); });
  if (failed != proof.cells.end()) {
    return "the repaired archive fails in the cell " + failed->id.describe() + ": " +
           std::string(to_string(failed->verdict)) + ": " + first_line(failed->message);
  }
  const bool left_home = std::any_of(proof.cells.begin(), proof.cells.end(), [&](const auto& cell) {
    return cell.verdict != Verdict::kSkipped && cell.id.run_device != old_home;
  });
  return left_home ? "" : "no other device than its home is there, so nothing could be proven";
}

}  // namespace

void ProofCalls::set_inputs(InputsOfMethods all) {
  inputs = std::move(all["forward"]);
  all.erase("forward");
  method_inputs = std::move(all);
}

bool ProofCalls::has_inputs_of(const std::string& method) const {
  return method == "forward" ? !inputs.empty() : method_inputs.contains(method);
}

std::string why_not_at_home(const std::string& home, const std::vector<std::string>& devices,
                            const StandIns& stand_ins) {
  const std::string device = device_here(home, stand_ins);
  std::vector<std::string> all = devices;
  all.push_back(device);
  probe_devices(all);
  const auto absent = why_not_runnable(cell_at(home, Transfer::kAsTraced, device), {});
  if (!absent) return {};
  return "the archive was made on " + home +
         ", and whether it still answers as before can only be seen there: " +
         first_line(absent->message);
}

Proof prove(const Archive& original, const Archive& changed, const std::string& home,
            const ProofCalls& calls) {
  if (!calls.has_inputs()) {
    throw std::invalid_argument("without inputs there is nothing to prove a repair with");
  }
  RunOptions options;
  options.seed = calls.seed;
  options.runs = calls.runs;
  options.required = calls.required;
  options.stand_in = calls.stand_in;
  options.tolerance_mode = calls.tolerance_mode;
  options.precision = calls.precision;
  const std::vector<Model> before = methods_of(archive_model(original, calls));
  const std::vector<Model> after = methods_of(archive_model(changed, calls));
  const StandIns stand_ins = Session(options).stand_ins(before.front());
  Proof proof;
  proof.why_not = why_not_at_home(home, calls.devices, stand_ins);
  if (!proof.why_not.empty()) return proof;
  for (std::size_t i = 0; i < before.size(); ++i) {
    proof.why_not = HomeComparison(before[i], after[i], home, options, stand_ins).run(proof);
    if (!proof.why_not.empty()) return proof;
  }
  const std::string new_home = changed.home() == "unknown" ? home : changed.home();
  proof.why_not = run_matrix(after, new_home, stand_ins, calls.devices, options,
                             device_here(home, stand_ins), proof);
  return proof;
}

}  // namespace crosstrace
