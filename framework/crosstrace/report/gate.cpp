// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/declared.h>
#include <crosstrace/report/detail/text.h>
#include <crosstrace/report/gate.h>

#include <algorithm>
#include <map>
#include <set>

namespace crosstrace {
namespace {

bool ran(const CellResult& cell) { return cell.verdict != Verdict::kSkipped; }

/// On how many machines a cell ran. Their names are not looked at: tomorrow's runner has another.
using Key = std::pair<CellId, std::string>;
std::map<Key, int> machines_that_ran(const Report& report) {
  std::map<Key, int> machines;
  for (const CellResult& cell : report.cells) machines[{cell.id, cell.assertion}] += ran(cell);
  return machines;
}

void add_cells_gone(const Report& ledger, const Report& report, std::vector<std::string>& lines) {
  const std::map<Key, int> there = machines_that_ran(report);
  std::map<Key, int> wanted = machines_that_ran(ledger);
  for (const CellResult& cell : ledger.cells) {
    const auto promise = wanted.find({cell.id, cell.assertion});
    if (promise == wanted.end()) continue;  // Told.
    const auto found = there.find(promise->first);
    const int machines = promise->second;
    wanted.erase(promise);
    const bool is_gone = found == there.end();
    if (!is_gone && (machines < 2 || found->second >= machines)) continue;
    lines.push_back("gone: " + cell.id.describe() +
                    (cell.assertion.empty() ? "" : ", " + cell.assertion) +
                    (is_gone ? ""
                             : " (ran on " + std::to_string(machines) + " machines, now on " +
                                   std::to_string(found->second) + ")"));
  }
}

/// A cell needs two devices; one that is skipped is counted for both.
std::map<std::string, std::pair<int, int>> ran_and_all_by_type(const Report& report) {
  std::map<std::string, std::pair<int, int>> counts;
  for (const CellResult& cell : report.cells) {
    std::set<std::string> types;
    for (const std::string& device : cell.id.needed_devices()) types.insert(device_type(device));
    for (const std::string& type : types) {
      counts[type].first += ran(cell);
      ++counts[type].second;
    }
  }
  return counts;
}

std::set<std::string> required_types(const Report& ledger,
                                     const std::vector<std::string>& required) {
  std::set<std::string> types;
  for (const auto& [type, counts] : ran_and_all_by_type(ledger)) {
    if (counts.first > 0) types.insert(type);
  }
  for (const std::string& device : required) types.insert(device_type(device));
  return types;
}

}  // namespace

std::vector<std::string> what_vanished(const Report& ledger, const Report& report,
                                       const std::vector<std::string>& required) {
  std::vector<std::string> lines;
  add_cells_gone(ledger, report, lines);
  if (std::none_of(report.cells.begin(), report.cells.end(), ran)) {
    lines.push_back("nothing ran: " + detail::cell_count(report.cells.size()) + ", all skipped");
    return lines;
  }
  const auto counts = ran_and_all_by_type(report);
  for (const std::string& type : required_types(ledger, required)) {
    const auto found = counts.find(type);
    if (found == counts.end()) {
      lines.push_back("no cell of " + type + " is there");
    } else if (found->second.first == 0) {
      lines.push_back("every cell of " + type + " was skipped (" +
                      detail::cell_count(found->second.second) + ")");
    }
  }
  return lines;
}

}  // namespace crosstrace
