// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/base/printable.h>
#include <crosstrace/report/detail/finding_terminal.h>
#include <crosstrace/report/detail/findings.h>
#include <crosstrace/report/detail/grid.h>
#include <crosstrace/report/detail/grid_terminal.h>
#include <crosstrace/report/detail/outcome_word.h>
#include <crosstrace/report/detail/precision_lines.h>
#include <crosstrace/report/detail/text.h>
#include <crosstrace/report/detail/wrap.h>
#include <crosstrace/report/terminal.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

namespace crosstrace {
namespace {

using Cells = std::vector<const CellResult*>;

constexpr std::size_t kGap = 2;
constexpr std::size_t kListedCells = 8;  // Of those that say the same; the tables show all.

std::string failure_line(const CellResult& cell) {
  if (cell.verdict == Verdict::kMatch) {
    return "matches, though a failure is declared: " + printable(cell.expected_failure);
  }
  return std::string(to_string(cell.verdict)) + ": " + printable(first_line(cell.message));
}

/// What is written of a failure below the names of its cells.
std::string failure_text(const CellResult& cell) {
  const auto causes = detail::list_causes(cell);
  return failure_line(cell) + (causes.empty() ? "" : "\ncaused by " + causes);
}

/// The chosen cells by what they say, in the order of the first of each.
template <class IsChosen, class Says>
std::vector<Cells> grouped(const std::vector<CellResult>& cells, IsChosen is_chosen, Says says) {
  std::vector<Cells> groups;
  std::unordered_map<std::string, std::size_t> places;
  for (const auto& cell : cells) {
    if (!is_chosen(cell)) continue;
    const auto [place, is_new] = places.emplace(says(cell), groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].push_back(&cell);
  }
  return groups;
}

/// Writes one report.
class TerminalWriter {
 public:
  TerminalWriter(std::ostream& stream, const Report& report, Colors colors, std::size_t width)
      : stream_(stream), report_(report), colors_(colors), width_(width) {}

  void write() {
    write_heading();
    for (const auto& grid : detail::make_grids(report_.cells)) {
      detail::write_grid(stream_, grid, colors_, width_);
    }
    write_legend();
    write_skipped();
    write_declared();
    write_evidence();
    write_failures();
    write_precision();
    write_findings();
    const auto note = detail::simulation_note(report_.devices);
    if (!note.empty()) stream_ << note << "\n";
    write_summary();
  }

 private:
  std::string colored(const std::string& text, const char* code) const {
    return detail::colored(text, code, colors_);
  }

  void write_heading() {
    stream_ << "CrossTrace " << report_.tool_version << ", LibTorch " << report_.libtorch_version
            << "\n\n";
    std::size_t width = 0;
    for (const auto& device : report_.devices) width = std::max(width, device.name.size());
    for (const auto& device : report_.devices) {
      stream_ << "  " << device.name << std::string(width - device.name.size() + kGap, ' ')
              << to_string(device.state) << (device.simulated ? ", simulated" : "")
              << (device.stands_in.empty() ? "" : ", " + device.stands_in + " standing in")
              << (device.reason.empty() ? "" : ": " + printable(device.reason)) << "\n";
    }
    if (!report_.devices.empty()) stream_ << "\n";
  }

  void write_legend() {
    const auto legend = detail::legend(report_.cells);
    if (!legend.empty()) stream_ << legend << "\n\n";
  }

  void write_skipped() {
    const auto reasons = detail::skip_reasons(report_.cells);
    if (reasons.empty()) return;
    stream_ << "Skipped\n";
    for (const auto& [reason, cells] : reasons) {
      stream_ << "  " << detail::cell_count(cells) << ": " << reason << "\n";
    }
    stream_ << "\n";
  }

  void write_declared() {
    std::map<std::string, std::size_t> declared;
    for (const auto& cell : report_.cells) {
      if (cell.failed_as_expected) ++declared[cell.id.model + ": " + cell.expected_failure];
    }
    if (declared.empty()) return;
    stream_ << "Failed as declared\n";
    for (const auto& [cause, cells] : declared) {
      stream_ << "  " << printable(cause) << " (" << detail::cell_count(cells) << ")\n";
    }
    stream_ << "\n";
  }

  void write_evidence() {
    const auto groups = grouped(report_.cells, is_decided_by_evidence,
                                [](const CellResult& cell) { return printable(cell.message); });
    if (groups.empty()) return;
    stream_ << "Decided by evidence\n";
    for (const auto& cells : groups) write_group(cells, printable(cells.front()->message));
    stream_ << "\n";
  }

  void write_failures() {
    const auto groups = grouped(report_.cells, detail::is_failure, failure_text);
    if (groups.empty()) return;
    stream_ << "Failed\n";
    for (const auto& cells : groups) {
      const auto line = failure_line(*cells.front());
      const auto* code = detail::color_code(outcome(*cells.front()));
      write_group(cells, colored(line, code) + failure_text(*cells.front()).substr(line.size()));
    }
    stream_ << "\n";
  }

  void write_group(const Cells& cells, const std::string& text) {
    const auto listed = std::min(cells.size(), kListedCells);
    for (std::size_t i = 0; i < listed; ++i) {
      stream_ << "  " << printable(cells[i]->id.describe()) << "\n";
    }
    const auto rest = cells.size() - listed;
    if (rest > 0) stream_ << "  and " << rest << (rest == 1 ? " cell" : " cells") << " more\n";
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) stream_ << "    " << line << "\n";
  }

  // Transfers do not change what TF32 does, so one line speaks for a device.
  void write_precision() {
    const auto lines = detail::precision_lines(report_.cells);
    if (lines.empty()) return;
    stream_ << "As exported\n";
    for (const auto& line : lines) stream_ << "  " << printable(line) << "\n";
    stream_ << "\n";
  }

  void write_findings() {
    const auto listed = detail::list_findings(report_.findings, report_.cells);
    const bool is_fine =
        std::none_of(report_.cells.begin(), report_.cells.end(), detail::is_failure);
    // Where nothing failed, nobody misses what explains nothing or what is known.
    if (report_.findings.empty() || (listed.shown.empty() && is_fine)) return;
    stream_ << "Findings\n";
    for (const auto* finding : listed.shown)
      detail::write_finding(stream_, *finding, colors_, "  ");
    write_rest(listed.declared, "finding", " what is declared to fail");
    write_rest(listed.notes, "note", " no failure");
    stream_ << "\n";
  }

  void write_rest(std::size_t count, const std::string& noun, const std::string& what) {
    if (count == 0) return;
    stream_ << "  " << count << " " << noun << (count == 1 ? " explains" : "s explain") << what
            << "; the JSON report has all\n";
  }

  void write_summary() {
    const bool any_declared =
        std::any_of(report_.cells.begin(), report_.cells.end(),
                    [](const CellResult& cell) { return cell.failed_as_expected; });
    const bool is_fine =
        std::none_of(report_.cells.begin(), report_.cells.end(), detail::is_failure);
    stream_ << detail::summary_line(report_.summary())
            << (any_declared && is_fine ? ": all as declared" : "") << "\n";
  }

  std::ostream& stream_;
  const Report& report_;
  Colors colors_;
  std::size_t width_;
};

}  // namespace

void write_terminal(std::ostream& stream, const Report& report, Colors colors, std::size_t width) {
  std::ostringstream text;
  TerminalWriter(text, report, colors, width).write();
  stream << (width > 0 ? detail::wrap(text.str(), width) : text.str());
}

}  // namespace crosstrace
