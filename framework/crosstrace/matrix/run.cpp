// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/discovery.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/matrix/run.h>
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

}  // namespace

MatrixResult run_cells(const RunOptions& options, const std::vector<CellId>& cells,
                       const std::function<void(const CellId&)>& before_each) {
  probe_all(cells);
  Session session(options);
  MatrixResult result;
  for (const CellId& id : cells) {
    if (before_each) before_each(id);
    result.cells.push_back(Cell(session, *Registry::instance().find(id), id).run());
  }
  for (const CellResult& cell : result.cells) diagnose_archive(session, cell);
  result.findings = session.findings();
  return result;
}

}  // namespace crosstrace
