// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What diagnosis is worth on the zoo, by class of defects.
#pragma once

#include <map>
#include <ostream>
#include <set>
#include <string>

namespace crosstrace::zoo {

/// One row. Findings are those above a note.
struct Row {
  std::set<std::string> models;
  int exports = 0;
  int expected = 0;    ///< Findings that must be there.
  int found = 0;       ///< Of these, those that are.
  int wrong = 0;       ///< Findings that must not be there.
  int measured = 0;    ///< Cells that ran on devices that are there.
  int predicted = 0;   ///< Of these, those of which rules alone spoke.
  int right = 0;       ///< Of these, those that did as predicted.
  int repaired = 0;    ///< Exports with a full matrix after repair.
  int repairable = 0;  ///< Exports for which that is declared.
};

/// Rows by class.
using Table = std::map<std::string, Row>;

Table& table();

/// One line a class, and one for all.
void print(std::ostream& out, const Table& table);

}  // namespace crosstrace::zoo
