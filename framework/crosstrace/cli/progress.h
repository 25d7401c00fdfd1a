// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One line on stderr that says what is being done, if stderr is a terminal.
///
///     crosstrace::Progress progress(cells.size());
///     progress.next("resnet18: archive, load, run on sim:0");
#pragma once

#include <cstddef>
#include <string>

namespace crosstrace {

class Progress {
 public:
  explicit Progress(std::size_t steps);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  ///< Wipes the line.

  void next(const std::string& step);

 private:
  bool on_terminal_;
  std::size_t steps_;
  std::size_t done_ = 0;
};

}  // namespace crosstrace
