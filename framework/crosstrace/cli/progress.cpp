// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/progress.h>
#include <unistd.h>

#include <iostream>

namespace crosstrace {
namespace {

constexpr const char* kWipe = "\r\033[K";

}  // namespace

Progress::Progress(std::size_t steps) : on_terminal_(isatty(STDERR_FILENO) != 0), steps_(steps) {}

Progress::~Progress() {
  if (on_terminal_) std::cerr << kWipe << std::flush;
}

void Progress::next(const std::string& step) {
  ++done_;
  step_ = step;
  show(step_);
}

void Progress::within(const std::string& part) { show(part.empty() ? step_ : step_ + ": " + part); }

void Progress::show(const std::string& text) const {
  if (on_terminal_)
    std::cerr << kWipe << '[' << done_ << '/' << steps_ << "] " << text << std::flush;
}

}  // namespace crosstrace
