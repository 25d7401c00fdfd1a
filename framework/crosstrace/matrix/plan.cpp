// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/declared.h>
#include <crosstrace/export/export.h>
#include <crosstrace/matrix/plan.h>
#include <crosstrace/models/registry.h>

namespace crosstrace {
namespace {

/// `as_traced` across devices fails for every model with a parameter, so it is not part of the
/// default.
std::vector<Transfer> default_transfers(const std::string& trace_device,
                                        const std::string& run_device, const StandIns& stand_ins) {
  const bool is_home =
      run_device == trace_device || run_device == device_here(trace_device, stand_ins);
  if (is_home) return {Transfer::kAsTraced, Transfer::kTo, Transfer::kLoad};
  return {Transfer::kTo, Transfer::kLoad};
}

std::vector<CellId> plan_method(const Model& model, const std::vector<std::string>& devices,
                                const std::vector<Transfer>& transfers,
                                const std::optional<Whereabouts>& whereabouts) {
  std::vector<CellId> cells;
  const StandIns stand_ins = whereabouts ? whereabouts->stand_ins : StandIns();
  for (ExportKind kind : export_kinds(model)) {
    if (kind == ExportKind::kTrace && model.method != "forward") continue;  // It has forward alone.
    const std::vector<std::string> trace_devices =
        kind != ExportKind::kArchive
            ? devices
            : std::vector{whereabouts ? whereabouts->home : model.archive->home()};
    for (const std::string& trace_device : trace_devices) {
      for (const std::string& run_device : devices) {
        for (Transfer transfer : transfers.empty()
                                     ? default_transfers(trace_device, run_device, stand_ins)
                                     : transfers) {
          cells.push_back({model.name, kind, trace_device, transfer, run_device, model.method});
        }
      }
    }
  }
  return cells;
}

}  // namespace

std::vector<CellId> plan_cells(const Model& model, const std::vector<std::string>& devices,
                               const std::vector<Transfer>& transfers,
                               const std::optional<Whereabouts>& whereabouts) {
  std::vector<CellId> cells;
  for (const Model& one : methods_of(model)) {
    for (CellId& id : plan_method(one, devices, transfers, whereabouts)) {
      cells.push_back(std::move(id));
    }
  }
  return cells;
}

std::vector<CellId> plan_registered_cells() {
  std::vector<CellId> cells;
  for (const Model& model : Registry::instance().models()) {
    if (!why_unusable(model).empty()) continue;
    for (CellId& id : plan_cells(model, declared_devices())) cells.push_back(std::move(id));
  }
  return cells;
}

}  // namespace crosstrace
