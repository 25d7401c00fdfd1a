// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/stdout_to_stderr.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace crosstrace {
namespace {

void flush() {
  std::cout.flush();
  std::fflush(stdout);
}

}  // namespace

StdoutToStderr::StdoutToStderr() {
  flush();
  saved_ = dup(STDOUT_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
}

StdoutToStderr::~StdoutToStderr() {
  flush();
  dup2(saved_, STDOUT_FILENO);
  close(saved_);
}

}  // namespace crosstrace
