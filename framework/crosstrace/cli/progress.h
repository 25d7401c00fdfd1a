// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One line on stderr that says what is being done, if stderr is a terminal.
///
///     crosstrace::Progress progress(cells.size());
///     progress.next("resnet18: archive, load, run on sim:0");
///     progress.within("the reference");
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

  /// What takes its time within the step; empty once it is done.
  void within(const std::string& part);

 private:
  void show(const std::string& text) const;

  bool on_terminal_;
  std::size_t steps_;
  std::size_t done_ = 0;
  std::string step_;
};

}  // namespace crosstrace
