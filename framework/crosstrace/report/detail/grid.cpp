// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/base/printable.h>
#include <crosstrace/report/detail/grid.h>

#include <algorithm>
#include <map>

namespace crosstrace::detail {
namespace {

std::string row_label(const CellId& id) {
  return std::string(to_string(id.export_kind)) +
         (id.export_kind == ExportKind::kArchive ? " of " : " on ") + id.trace_device;
}

template <class T, class Matches, class Make>
T& find_or_add(std::vector<T>& values, Matches matches, Make make) {
  const auto found = std::find_if(values.begin(), values.end(), matches);
  return found != values.end() ? *found : values.emplace_back(make());
}

void add_column(Grid& grid, const CellId& id) {
  auto& column = find_or_add(
      grid.columns, [&](const auto& existing) { return existing.run_device == id.run_device; },
      [&] {
        return GridColumn{id.run_device, {}};
      });
  auto& transfers = column.transfers;
  const auto place = std::lower_bound(transfers.begin(), transfers.end(), id.transfer);
  if (place == transfers.end() || *place != id.transfer) transfers.insert(place, id.transfer);
}

// Only once all columns are known does a cell have a place in its row.
std::size_t place_of(const Grid& grid, const CellId& id) {
  std::size_t place = 0;
  for (const auto& column : grid.columns) {
    for (const auto transfer : column.transfers) {
      if (column.run_device == id.run_device && transfer == id.transfer) return place;
      ++place;
    }
  }
  return place;
}

std::size_t width_of(const Grid& grid) {
  std::size_t width = 0;
  for (const auto& column : grid.columns) width += column.transfers.size();
  return width;
}

void add_to_row(Grid& grid, const CellResult& cell) {
  const auto label = row_label(cell.id);
  auto& row = find_or_add(
      grid.rows, [&](const auto& existing) { return existing.label == label; },
      [&] {
        return GridRow{label, std::vector<const CellResult*>(width_of(grid))};
      });
  row.cells[place_of(grid, cell.id)] = &cell;
}

Grid& grid_of(std::vector<Grid>& grids, const CellResult& cell) {
  return find_or_add(
      grids, [&](const auto& existing) { return existing.has(cell); },
      [&] { return Grid{cell.id.model, cell.id.method, cell.assertion, cell.machine, {}, {}}; });
}

std::string short_word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMatch:
      return "ok";
    case Verdict::kMismatch:
      return "differs";
    case Verdict::kNonfinite:
      return "NaN";
    case Verdict::kWrongDevice:
      return "device";
    case Verdict::kWrongShape:
      return "shape";
    case Verdict::kWrongDtype:
      return "dtype";
    case Verdict::kUntrusted:
      return "?";
    case Verdict::kSkipped:
      return "-";
    case Verdict::kUnstable:
    case Verdict::kCrashed:
    case Verdict::kError:
    case Verdict::kTimeout:
      break;
  }
  return std::string(to_string(verdict));
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace

std::vector<Grid> make_grids(const std::vector<CellResult>& cells) {
  std::vector<Grid> grids;
  for (const auto& cell : cells) add_column(grid_of(grids, cell), cell.id);
  for (const auto& cell : cells) add_to_row(grid_of(grids, cell), cell);
  return grids;
}

std::string mark(const CellResult& cell) {
  const auto word = short_word(cell.verdict);
  if (cell.expected_failure.empty() || cell.verdict == Verdict::kSkipped) return word;
  if (cell.verdict == Verdict::kMatch) return word + "!";
  return cell.failed_as_expected ? "(" + word + ")" : word;
}

std::string meaning(const CellResult& cell) {
  const std::string word(to_string(cell.verdict));
  if (cell.expected_failure.empty() || cell.verdict == Verdict::kSkipped) return word;
  if (cell.verdict == Verdict::kMatch) return "matches, though a failure is declared";
  return cell.failed_as_expected ? word + ", as declared" : word;
}

std::string legend(const std::vector<CellResult>& cells) {
  std::map<std::string, std::string> meanings;
  for (const auto& cell : cells) meanings[mark(cell)] = meaning(cell);
  std::string text;
  for (const auto& [mark, meaning] : meanings) {
    if (mark == "ok" || mark == meaning) continue;
    text += (text.empty() ? "" : "; ") + mark + " " + meaning;
  }
  return text;
}

std::vector<SkipReason> skip_reasons(const std::vector<CellResult>& cells) {
  std::vector<SkipReason> reasons;
  for (const auto& cell : cells) {
    if (cell.verdict != Verdict::kSkipped) continue;
    const auto reason = printable(first_line(cell.message));
    ++find_or_add(
          reasons, [&](const auto& existing) { return existing.reason == reason; },
          [&] {
            return SkipReason{reason, 0};
          })
          .cells;
  }
  return reasons;
}

std::string simulation_note(const std::vector<DeviceInfo>& devices) {
  std::vector<std::string> names;
  std::string stand_ins;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const auto& device : devices) {  // those of each machine
    if (device.simulated && device.state == DeviceState::kAvailable) add(device.name);
  }
  for (const auto& device : devices) {
    if (device.stands_in.empty()) continue;
    add(device.stands_in);
    const auto stand_in = " " + device.name + ", " + device.stands_in + " standing in.";
    if (stand_ins.find(stand_in) == std::string::npos) stand_ins += stand_in;
  }
  if (names.empty()) return "";
  return joined(names) + (names.size() == 1 ? " is" : " are") +
         " simulated in host memory: good for finding what is tied to a device, no proof of CUDA "
         "kernels or numerics." +
         stand_ins;
}

std::string summary_line(const Summary& summary) {
  return std::to_string(summary.passed) + " passed, " + std::to_string(summary.failed) +
         " failed, " + std::to_string(summary.skipped) + " skipped, " +
         std::to_string(summary.untrusted) + " untrusted";
}

}  // namespace crosstrace::detail
