// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include "made_on_gpu/table.h"

#include <iomanip>

namespace crosstrace::made_on_gpu {
namespace {

std::string of(int some, int all) {
  return all == 0 ? "-" : std::to_string(some) + "/" + std::to_string(all);
}

void print_line(std::ostream& out, const std::string& name, const Row& row,
                const std::string& repaired) {
  out << std::left << std::setw(31) << name << std::setw(9) << row.made_on << std::setw(28)
      << row.home << std::setw(9) << of(row.cpu_agree, row.cpu_cells) << std::setw(9)
      << of(row.home_agree, row.home_cells) << std::setw(9) << repaired << row.exception << "\n";
}

}  // namespace

void print(std::ostream& out, const Table& table) {
  out << std::left << std::setw(31) << "archive" << std::setw(9) << "made on" << std::setw(28)
      << "home" << std::setw(9) << "cpu" << std::setw(9) << "at home" << std::setw(9) << "repaired"
      << "exception\n";
  Row all;
  int repairable = 0, repaired = 0, exceptions = 0;
  for (const auto& [name, row] : table) {
    print_line(out, name, row, row.repaired.empty() ? "-" : row.repaired);
    all.cpu_cells += row.cpu_cells;
    all.cpu_agree += row.cpu_agree;
    all.home_cells += row.home_cells;
    all.home_agree += row.home_agree;
    repairable += !row.repaired.empty();
    repaired += row.repaired == "yes";
    exceptions += !row.exception.empty();
  }
  all.exception = std::to_string(exceptions) + " with an exception";
  print_line(out, std::to_string(table.size()) + " archives", all, of(repaired, repairable));
}

}  // namespace crosstrace::made_on_gpu
