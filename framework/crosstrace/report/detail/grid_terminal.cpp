// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/printable.h>
#include <crosstrace/report/detail/finding_terminal.h>
#include <crosstrace/report/detail/grid_terminal.h>

#include <algorithm>
#include <numeric>
#include <ostream>
#include <string>
#include <vector>

namespace crosstrace::detail {
namespace {

constexpr std::size_t kGap = 2;

std::string header(const GridColumn& column) { return "run on " + column.run_device; }

std::size_t indent_of(const Grid& grid) {
  std::size_t width = 0;
  for (const auto& row : grid.rows) width = std::max(width, row.label.size());
  return width + 2 * kGap;
}

// The header of a device spans its transfers, so the last of those is widened where they are too
// narrow together.
std::vector<std::size_t> cell_widths(const Grid& grid) {
  std::vector<std::size_t> widths;
  for (const auto& column : grid.columns) {
    std::size_t total = 0;
    for (const auto transfer : column.transfers) {
      std::size_t width = to_string(transfer).size();
      for (const auto& row : grid.rows) {
        const auto* cell = row.cells[widths.size()];
        if (cell != nullptr) width = std::max(width, mark(*cell).size());
      }
      widths.push_back(width + kGap);
      total += widths.back();
    }
    const auto wanted = header(column).size() + kGap;
    if (total < wanted) widths.back() += wanted - total;
  }
  return widths;
}

// Nothing stands in the gap behind the last column.
bool fits(const Grid& grid, std::size_t width) {
  const auto widths = cell_widths(grid);
  return std::accumulate(widths.begin(), widths.end(), indent_of(grid)) <= width + kGap;
}

/// The grid with a column of `whole` more, whose cells begin at `slot` of each row.
Grid with_column(Grid grid, const Grid& whole, const GridColumn& column, std::size_t slot) {
  grid.columns.push_back(column);
  for (std::size_t i = 0; i < grid.rows.size(); ++i) {
    const auto begin = whole.rows[i].cells.begin() + static_cast<std::ptrdiff_t>(slot);
    const auto end = begin + static_cast<std::ptrdiff_t>(column.transfers.size());
    grid.rows[i].cells.insert(grid.rows[i].cells.end(), begin, end);
  }
  return grid;
}

std::vector<Grid> split(const Grid& grid, std::size_t width) {
  if (width == 0 || fits(grid, width)) return {grid};
  Grid empty = grid;
  empty.columns.clear();
  for (auto& row : empty.rows) row.cells.clear();
  std::vector<Grid> parts;
  std::size_t slot = 0;
  for (const auto& column : grid.columns) {
    Grid wider = with_column(parts.empty() ? empty : parts.back(), grid, column, slot);
    if (parts.empty()) {
      parts.push_back(std::move(wider));
    } else if (fits(wider, width)) {
      parts.back() = std::move(wider);
    } else {
      parts.push_back(with_column(empty, grid, column, slot));
    }
    slot += column.transfers.size();
  }
  return parts;
}

class GridWriter {
 public:
  GridWriter(std::ostream& stream, const Grid& grid, Colors colors)
      : stream_(stream),
        grid_(grid),
        colors_(colors),
        indent_(indent_of(grid)),
        widths_(cell_widths(grid)) {}

  void write() {
    write_device_headers();
    write_transfer_headers();
    for (const auto& row : grid_.rows) {
      const bool is_empty = std::all_of(row.cells.begin(), row.cells.end(),
                                        [](const CellResult* cell) { return cell == nullptr; });
      if (!is_empty) write_row(row);
    }
  }

 private:
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

  void write_device_headers() {
    put("", 0, indent_);
    auto width = widths_.begin();
    for (const auto& column : grid_.columns) {
      std::size_t total = 0;
      for (std::size_t i = 0; i < column.transfers.size(); ++i) total += *width++;
      put(header(column), header(column).size(), total);
    }
    end_line();
  }

  void write_transfer_headers() {
    put("", 0, indent_);
    auto width = widths_.begin();
    for (const auto& column : grid_.columns) {
      for (const auto transfer : column.transfers) {
        const std::string word(to_string(transfer));
        put(word, word.size(), *width++);
      }
    }
    end_line();
  }

  void write_row(const GridRow& row) {
    put("", 0, kGap);
    put(row.label, row.label.size(), indent_ - kGap);
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      const auto text = row.cells[i] == nullptr ? "" : mark(*row.cells[i]);
      const auto* code = row.cells[i] == nullptr ? "" : color_code(outcome(*row.cells[i]));
      put(colored(text, code, colors_), text.size(), widths_[i]);
    }
    end_line();
  }

  std::ostream& stream_;
  const Grid& grid_;
  Colors colors_;
  std::size_t indent_;
  std::vector<std::size_t> widths_;
  std::size_t pending_ = 0;
};

}  // namespace

const char* color_code(Outcome outcome) noexcept {
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

void write_grid(std::ostream& stream, const Grid& grid, Colors colors, std::size_t width) {
  stream << colored(printable(grid.title()), "1", colors) << "\n";
  for (const auto& part : split(grid, width)) GridWriter(stream, part, colors).write();
  stream << "\n";
}

}  // namespace crosstrace::detail
