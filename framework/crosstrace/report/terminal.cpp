// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/report/detail/finding_terminal.h>
#include <crosstrace/report/detail/findings.h>
#include <crosstrace/report/detail/grid.h>
#include <crosstrace/report/detail/precision_lines.h>
#include <crosstrace/report/detail/text.h>
#include <crosstrace/report/terminal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <ostream>
#include <sstream>
#include <string>

namespace crosstrace {
namespace {

using detail::Grid;
using detail::printable;

constexpr std::size_t kGap = 2;

const char* color_code(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed:
      return "32";
    case Outcome::kFailed:
      return "1;31";
    case Outcome::kUntrusted:
      return "33";
    case Outcome::kSkipped:
      break;
  }
  return "2";
}

/// Writes one report; columns are as wide as what stands in them.
class TerminalWriter {
 public:
  TerminalWriter(std::ostream& stream, const Report& report, Colors colors)
      : stream_(stream), report_(report), colors_(colors) {}

  void write() {
    write_heading();
    for (const auto& grid : detail::make_grids(report_.cells)) write_grid(grid);
    write_legend();
    write_skipped();
    write_declared();
    write_evidence();
    write_failures();
    write_precision();
    write_findings();
    const auto note = detail::simulation_note(report_.devices);
    if (!note.empty()) stream_ << note << "\n";
    stream_ << detail::summary_line(report_.summary()) << "\n";
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

  static std::size_t label_width(const Grid& grid) {
    std::size_t width = 0;
    for (const auto& row : grid.rows) width = std::max(width, row.label.size());
    return width + kGap;
  }

  // The header of a device spans its transfers, so the last of those is widened where they are too
  // narrow together.
  static std::vector<std::size_t> cell_widths(const Grid& grid) {
    std::vector<std::size_t> widths;
    for (const auto& column : grid.columns) {
      std::size_t total = 0;
      for (const auto transfer : column.transfers) {
        std::size_t width = to_string(transfer).size();
        for (const auto& row : grid.rows) {
          const auto* cell = row.cells[widths.size()];
          if (cell != nullptr) width = std::max(width, detail::mark(*cell).size());
        }
        widths.push_back(width + kGap);
        total += widths.back();
      }
      const auto wanted = header(column).size() + kGap;
      if (total < wanted) widths.back() += wanted - total;
    }
    return widths;
  }

  static std::string header(const detail::GridColumn& column) {
    return "run on " + column.run_device;
  }

  // Blanks wait until something follows them, so that no line ends in blanks.
  void put(const std::string& text, std::size_t size, std::size_t width) {
    if (size > 0) {
      stream_ << std::string(pending_, ' ') << text;
      pending_ = 0;
    }
    pending_ += width - size;
  }

  void end_line() {
    stream_ << "\n";
    pending_ = 0;
  }

  void write_grid(const Grid& grid) {
    const auto widths = cell_widths(grid);
    const auto indent = label_width(grid) + kGap;
    stream_ << colored(printable(grid.title()), "1") << "\n";
    write_device_headers(grid, widths, indent);
    write_transfer_headers(grid, widths, indent);
    for (const auto& row : grid.rows) {
      stream_ << std::string(kGap, ' ');
      put(row.label, row.label.size(), indent - kGap);
      for (std::size_t i = 0; i < widths.size(); ++i) put_cell(row.cells[i], widths[i]);
      end_line();
    }
    stream_ << "\n";
  }

  void write_device_headers(const Grid& grid, const std::vector<std::size_t>& widths,
                            std::size_t indent) {
    put("", 0, indent);
    auto width = widths.begin();
    for (const auto& column : grid.columns) {
      std::size_t total = 0;
      for (std::size_t i = 0; i < column.transfers.size(); ++i) total += *width++;
      put(header(column), header(column).size(), total);
    }
    end_line();
  }

  void write_transfer_headers(const Grid& grid, const std::vector<std::size_t>& widths,
                              std::size_t indent) {
    put("", 0, indent);
    auto width = widths.begin();
    for (const auto& column : grid.columns) {
      for (const auto transfer : column.transfers) {
        const std::string word(to_string(transfer));
        put(word, word.size(), *width++);
      }
    }
    end_line();
  }

  void put_cell(const CellResult* cell, std::size_t width) {
    if (cell == nullptr) return put("", 0, width);
    const auto text = detail::mark(*cell);
    put(colored(text, color_code(outcome(*cell))), text.size(), width);
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
    bool any = false;
    for (const auto& cell : report_.cells) {
      if (!is_decided_by_evidence(cell)) continue;
      if (!any) stream_ << "Decided by evidence\n";
      any = true;
      stream_ << "  " << printable(cell.id.describe()) << "\n";
      std::istringstream lines(printable(cell.message));
      for (std::string line; std::getline(lines, line);) stream_ << "    " << line << "\n";
    }
    if (any) stream_ << "\n";
  }

  static std::string failure_line(const CellResult& cell) {
    if (cell.verdict == Verdict::kMatch) {
      return "matches, though a failure is declared: " + printable(cell.expected_failure);
    }
    return std::string(to_string(cell.verdict)) + ": " + printable(first_line(cell.message));
  }

  /// A message that many cells share is written once, below all of them.
  void write_failures() {
    std::vector<std::vector<const CellResult*>> groups;
    for (const auto& cell : report_.cells) {
      const auto result = outcome(cell);
      if (result != Outcome::kFailed && result != Outcome::kUntrusted) continue;
      const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
        const CellResult& other = *group.front();
        return other.id.model == cell.id.model && failure_line(other) == failure_line(cell) &&
               other.causes == cell.causes;
      });
      (same != groups.end() ? *same : groups.emplace_back()).push_back(&cell);
    }
    if (groups.empty()) return;
    stream_ << "Failed\n";
    for (const auto& group : groups) write_failure(group);
    stream_ << "\n";
  }

  void write_failure(const std::vector<const CellResult*>& cells) {
    const CellResult& first = *cells.front();
    for (const CellResult* cell : cells) stream_ << "  " << printable(cell->id.describe()) << "\n";
    stream_ << "    " << colored(failure_line(first), color_code(outcome(first))) << "\n";
    if (!first.causes.empty()) stream_ << "    caused by " << detail::list_causes(first) << "\n";
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
    const auto shown = detail::worth_showing(report_.findings, report_.cells);
    // Where nothing failed, no note is missed for what it does not explain.
    const Summary summary = report_.summary();
    if (report_.findings.empty()) return;
    if (shown.empty() && summary.failed + summary.untrusted == 0) return;
    stream_ << "Findings\n";
    for (const auto* finding : shown) detail::write_finding(stream_, *finding, colors_, "  ");
    const auto rest = report_.findings.size() - shown.size();
    if (rest > 0)
      stream_ << "  " << rest << (rest == 1 ? " note explains" : " notes explain")
              << " no failure; the JSON report has all\n";
    stream_ << "\n";
  }

  std::ostream& stream_;
  const Report& report_;
  Colors colors_;
  std::size_t pending_ = 0;
};

}  // namespace

void write_terminal(std::ostream& stream, const Report& report, Colors colors) {
  TerminalWriter(stream, report, colors).write();
}

}  // namespace crosstrace
