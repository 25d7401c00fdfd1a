// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/cell_order.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

namespace crosstrace::detail {
namespace {

/// The place of a word among those that were there before it.
class Ranks {
 public:
  std::size_t add(const std::string& word) {
    return ranks_.try_emplace(word, ranks_.size()).first->second;
  }

 private:
  std::map<std::string, std::size_t> ranks_;
};

}  // namespace

void sort_as_planned(std::vector<CellResult>& cells, const std::vector<DeviceInfo>& device_infos) {
  Ranks models, methods, assertions, machines, devices;
  for (const DeviceInfo& device : device_infos) devices.add(device.name);
  using Place = std::array<std::size_t, 8>;
  std::vector<std::pair<Place, CellResult>> placed;
  for (CellResult& cell : cells) {
    const CellId& id = cell.id;
    const Place place = {models.add(id.model),
                         methods.add(id.method),
                         assertions.add(cell.assertion),
                         machines.add(cell.machine),
                         static_cast<std::size_t>(id.export_kind),
                         devices.add(id.trace_device),
                         devices.add(id.run_device),
                         static_cast<std::size_t>(id.transfer)};
    placed.emplace_back(place, std::move(cell));
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const auto& one, const auto& other) { return one.first < other.first; });
  cells.clear();
  for (auto& [place, cell] : placed) cells.push_back(std::move(cell));
}

}  // namespace crosstrace::detail
