// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include "zoo/table.h"

#include <iomanip>

namespace crosstrace::zoo {
namespace {

void print_row(std::ostream& out, const std::string& name, const Row& row) {
  const auto of = [&](int some, int all) {
    out << std::setw(7) << some << " of" << std::setw(5) << all;
  };
  out << std::left << std::setw(12) << name << std::right << std::setw(7) << row.models.size()
      << std::setw(8) << row.exports;
  of(row.found, row.expected);
  out << std::setw(7) << row.wrong << std::setw(9) << row.measured;
  of(row.right, row.predicted);
  of(row.repaired, row.repairable);
  out << '\n';
}

void add(Row& sum, const Row& row) {
  sum.models.insert(row.models.begin(), row.models.end());
  sum.exports += row.exports;
  sum.expected += row.expected;
  sum.found += row.found;
  sum.wrong += row.wrong;
  sum.measured += row.measured;
  sum.predicted += row.predicted;
  sum.right += row.right;
  sum.repaired += row.repaired;
  sum.repairable += row.repairable;
}

}  // namespace

Table& table() {
  static Table rows;
  return rows;
}

void print(std::ostream& out, const Table& table) {
  out << "class        models exports       findings  false    cells      predicted       "
         "repaired\n";
  Row all;
  for (const auto& [name, row] : table) {
    print_row(out, name, row);
    add(all, row);
  }
  print_row(out, "all", all);
}

}  // namespace crosstrace::zoo
