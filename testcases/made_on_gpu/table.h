// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What became of the archives that were made on a GPU, for the log of the test.
#pragma once

#include <map>
#include <ostream>
#include <string>

namespace crosstrace::made_on_gpu {

/// One archive.
struct Row {
  std::string made_on;    ///< As whoever made it says.
  std::string home;       ///< As the archive says, and what stands in for it.
  int cpu_cells = 0;      ///< Cells on the CPU of which plain PyTorch has a verdict.
  int cpu_agree = 0;      ///< Of these, those with the same one.
  int home_cells = 0;     ///< Cells at home on a stand-in.
  int home_agree = 0;     ///< Of these, those that match, or do what they did on the GPU.
  std::string repaired;   ///< `yes`, or why not; empty if no finding says that it can be.
  std::string exception;  ///< Why something is otherwise, if anything is.
};

/// By the name of the archive's file.
using Table = std::map<std::string, Row>;

/// One line an archive, and one for all.
void print(std::ostream& out, const Table& table);

}  // namespace crosstrace::made_on_gpu
