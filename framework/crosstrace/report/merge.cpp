// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/cell_order.h>
#include <crosstrace/report/detail/finding_json.h>
#include <crosstrace/report/merge.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>

namespace crosstrace {
namespace {

/// A cell of one of the reports.
struct Candidate {
  CellResult cell;
  std::string file;
  std::string machine;
};

bool ran(const Candidate& candidate) { return candidate.cell.verdict != Verdict::kSkipped; }

/// The greater, the worse.
int badness(const CellResult& cell) {
  switch (outcome(cell)) {
    case Outcome::kSkipped:
      return 0;
    case Outcome::kPassed:
      return 1;
    case Outcome::kUntrusted:
      return 2;
    case Outcome::kFailed:
      break;
  }
  return 3;
}

void add_unique(std::string& list, const std::string& word) {
  if (word.empty() || (", " + list + ",").find(", " + word + ",") != std::string::npos) return;
  list += (list.empty() ? "" : ", ") + word;
}

class Merger {
 public:
  explicit Merger(std::vector<NamedReport> reports) : reports_(std::move(reports)) {}

  MergedReport run() {
    std::set<std::string_view> machines;
    for (const NamedReport& one : reports_) machines.insert(one.report.machine);
    for (NamedReport& one : reports_) {
      add_unique(merged_.report.tool_version, one.report.tool_version);
      add_unique(merged_.report.libtorch_version, one.report.libtorch_version);
      add_devices(one.report, machines.size() > 1);
      add_findings(one.report);
      add_cells(one);
    }
    if (machines.size() == 1) merged_.report.machine = reports_.front().report.machine;
    names_machines_ = std::any_of(candidates_.begin(), candidates_.end(), [](const auto& entry) {
      return machines_of(entry.second, ran).size() > 1;
    });
    for (const Key& key : order_) choose(candidates_[key]);
    detail::sort_as_planned(merged_.report.cells, merged_.report.devices);
    name_missing_shards();
    return std::move(merged_);
  }

 private:
  void add_devices(const Report& report, bool names_machine) {
    for (DeviceInfo device : report.devices) {
      if (names_machine) {
        device.reason =
            "on " + report.machine + (device.reason.empty() ? "" : ": " + device.reason);
      }
      auto& devices = merged_.report.devices;
      const bool is_known = std::any_of(devices.begin(), devices.end(), [&](const auto& other) {
        return other.name == device.name && other.state == device.state &&
               other.reason == device.reason && other.stands_in == device.stands_in;
      });
      if (!is_known) devices.push_back(std::move(device));
    }
  }

  /// Ids of another export or machine may be the same; a finding is its content.
  void add_findings(Report& report) {
    std::map<std::string, std::string> renamed;
    for (Finding& finding : report.findings) {
      const std::string id = finding.id;
      for (int copy = 2; !fits(finding); ++copy) finding.id = id + "-copy-" + std::to_string(copy);
      renamed[id] = finding.id;
      if (content_.emplace(finding.id, content(finding)).second) {
        merged_.report.findings.push_back(std::move(finding));
      }
    }
    for (CellResult& cell : report.cells) {
      for (std::string& cause : cell.causes) {
        if (const auto found = renamed.find(cause); found != renamed.end()) cause = found->second;
      }
    }
  }

  static std::string content(Finding finding) {
    finding.id.clear();
    const auto json = detail::finding_json(finding);
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }

  bool fits(const Finding& finding) const {
    const auto found = content_.find(finding.id);
    return found == content_.end() || found->second == content(finding);
  }

  void add_cells(NamedReport& one) {
    for (CellResult& cell : one.report.cells) {
      const Key key(cell.id, cell.assertion);
      auto& all = candidates_[key];
      if (all.empty()) order_.push_back(key);
      const std::string machine = cell.machine.empty() ? one.report.machine : cell.machine;
      all.push_back({std::move(cell), one.name, machine});
    }
  }

  template <class Condition>
  static std::vector<std::string> machines_of(const std::vector<Candidate>& all, Condition holds) {
    std::vector<std::string> machines;
    for (const Candidate& one : all) {
      if (holds(one) && std::count(machines.begin(), machines.end(), one.machine) == 0)
        machines.push_back(one.machine);
    }
    return machines;
  }

  /// Adds the cell, once for each machine that ran it, or that skipped it if none did.
  void choose(std::vector<Candidate>& all) {
    if (std::any_of(all.begin(), all.end(), ran)) {
      std::erase_if(all, [](const Candidate& candidate) { return !ran(candidate); });
    } else if (!names_machines_) {
      merged_.report.cells.push_back(std::move(all.front().cell));
      return;
    }
    for (const std::string& machine : machines_of(all, [](const Candidate&) { return true; })) {
      CellResult cell = worst_on(machine, all);
      cell.machine = names_machines_ ? machine : "";
      merged_.report.cells.push_back(std::move(cell));
    }
  }

  CellResult worst_on(const std::string& machine, const std::vector<Candidate>& all) {
    const Candidate* worst = nullptr;
    std::string verdicts;
    for (const Candidate& one : all) {
      if (one.machine != machine) continue;
      if (worst == nullptr || badness(one.cell) > badness(worst->cell)) worst = &one;
      verdicts += (verdicts.empty() ? "" : ", ") + std::string(to_string(one.cell.verdict)) +
                  " in " + one.file;
    }
    const bool contradict = std::any_of(all.begin(), all.end(), [&](const Candidate& one) {
      return one.machine == machine && one.cell.verdict != worst->cell.verdict;
    });
    CellResult cell = worst->cell;
    if (contradict) {
      const std::string of_test = cell.assertion.empty() ? "" : ", " + cell.assertion;
      merged_.problems.push_back(cell.id.describe() + of_test + ": " + verdicts);
      cell.message += (cell.message.empty() ? "" : "\n") + ("reports disagree: " + verdicts);
    }
    return cell;
  }

  /// Shards of one run may be of as many machines; where one machine ran them all, the others should
  /// have, too.
  void name_missing_shards() {
    std::map<std::pair<std::string, int>, std::map<std::string, std::set<int>>> shards;
    for (const auto& [name, report] : reports_) {
      if (report.shard.total > 1)
        shards[{report.program, report.shard.total}][report.machine].insert(report.shard.index);
    }
    for (const auto& [program, by_machine] : shards) {
      std::set<int> there;
      bool is_whole_on_one = false;
      for (const auto& [machine, indices] : by_machine) {
        there.insert(indices.begin(), indices.end());
        is_whole_on_one |= static_cast<int>(indices.size()) == program.second;
      }
      if (!is_whole_on_one) name_missing_shards(program, there, "");
      for (const auto& [machine, indices] : by_machine) {
        if (is_whole_on_one) name_missing_shards(program, indices, " on " + machine);
      }
    }
  }

  void name_missing_shards(const std::pair<std::string, int>& program, const std::set<int>& there,
                           const std::string& where) {
    for (int index = 0; index < program.second; ++index) {
      if (there.contains(index)) continue;
      merged_.problems.push_back("shard " + std::to_string(index + 1) + " of " +
                                 std::to_string(program.second) + " of " + program.first +
                                 " is missing" + where);
    }
  }

  std::vector<NamedReport> reports_;
  MergedReport merged_;
  using Key = std::pair<CellId, std::string>;  ///< A cell, and the test that was made of it.
  std::map<Key, std::vector<Candidate>> candidates_;
  std::vector<Key> order_;
  std::map<std::string, std::string> content_;
  bool names_machines_ = false;  ///< Some cell ran on several.
};

}  // namespace

MergedReport merge_reports(std::vector<NamedReport> reports) {
  return Merger(std::move(reports)).run();
}

}  // namespace crosstrace
