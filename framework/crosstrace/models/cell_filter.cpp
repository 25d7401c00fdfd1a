// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/declared.h>
#include <crosstrace/models/cell_filter.h>

#include <algorithm>

namespace crosstrace {
namespace {

bool names(const std::string& pattern, const std::string& device) {
  return pattern == device || pattern == device_type(device);
}

}  // namespace

CellFilter operator&&(CellFilter a, CellFilter b) {
  return CellFilter(
      [a = std::move(a), b = std::move(b)](const CellId& id) { return a(id) && b(id); });
}

CellFilter operator||(CellFilter a, CellFilter b) {
  return CellFilter(
      [a = std::move(a), b = std::move(b)](const CellId& id) { return a(id) || b(id); });
}

CellFilter operator!(CellFilter a) {
  return CellFilter([a = std::move(a)](const CellId& id) { return !a(id); });
}

CellFilter any_cell() {
  return CellFilter([](const CellId&) { return true; });
}

CellFilter of_model(std::string name) {
  return CellFilter([name = std::move(name)](const CellId& id) { return id.model == name; });
}

CellFilter of_method(std::string name) {
  return CellFilter([name = std::move(name)](const CellId& id) { return id.method == name; });
}

CellFilter moved() {
  return CellFilter([](const CellId& id) { return id.trace_device != id.run_device; });
}

CellFilter is_simulated() {
  return CellFilter([](const CellId& id) {
    const auto needed = id.needed_devices();
    return std::any_of(needed.begin(), needed.end(),
                       [](const std::string& device) { return names("sim", device); });
  });
}

CellFilter exported_by(ExportKind kind) {
  return CellFilter([kind](const CellId& id) { return id.export_kind == kind; });
}

CellFilter transferred_by(Transfer transfer) {
  return CellFilter([transfer](const CellId& id) { return id.transfer == transfer; });
}

CellFilter traced_on(std::string device) {
  return CellFilter(
      [device = std::move(device)](const CellId& id) { return names(device, id.trace_device); });
}

CellFilter run_on(std::string device) {
  return CellFilter(
      [device = std::move(device)](const CellId& id) { return names(device, id.run_device); });
}

}  // namespace crosstrace
