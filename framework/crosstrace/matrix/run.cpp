// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/discovery.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/matrix/run.h>
#include <crosstrace/matrix/run_order.h>
#include <crosstrace/models/registry.h>

namespace crosstrace {
namespace {

void probe_all(const std::vector<CellId>& cells) {
  std::vector<std::string> names;
  for (const CellId& id : cells) {
    for (std::string& name : id.needed_devices()) names.push_back(std::move(name));
    const Model& model = *Registry::instance().find(id);
    if (!model.archive) continue;
    const auto& named = model.archive->cuda_devices();
    names.insert(names.end(), named.begin(), named.end());
  }
  probe_devices(names);
}

/// What `inspect` says of a file is in its report too, whether or not a cell failed of it.
void diagnose_archive(Session& session, const CellResult& cell) {
  const Model& model = *Registry::instance().find(cell.id.model);
  if (!model.archive || cell.verdict == Verdict::kSkipped) return;
  (void)guarded([&] { (void)session.diagnosis(model, cell.id, {}); });
}

/// What the cells to come do not need goes.
void let_go_after(Session& session, const CellsToCome& to_come, const CellId& cell,
                  const std::vector<CellResult>& results) {
  if (to_come.has_export(cell)) return;
  if (to_come.has_model(cell.model)) {
    return session.let_go_of_export(cell.model, cell.export_kind, cell.trace_device);
  }
  for (const CellResult& result : results) {
    if (result.id.model == cell.model) diagnose_archive(session, result);
  }
  session.let_go(cell.model);
}

}  // namespace

MatrixResult run_cells(const RunOptions& options, const std::vector<CellId>& cells,
                       const RunEvents& events) {
  probe_all(cells);
  Session session(options);
  session.on_step(events.on_step);
  MatrixResult result;
  result.cells.resize(cells.size());
  CellsToCome to_come(cells);
  for (const std::size_t i : running_order(cells)) {
    const CellId& id = cells[i];
    if (events.before_cell) events.before_cell(id);
    result.cells[i] = Cell(session, *Registry::instance().find(id), id).run();
    if (events.after_cell) events.after_cell(result.cells[i], session.findings());
    to_come.count_off(id);
    let_go_after(session, to_come, id, result.cells);
  }
  result.findings = session.findings();
  return result;
}

}  // namespace crosstrace
