// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// An operator library that starts a thread as it is opened, and has no operators.

#include <unistd.h>

#include <thread>

namespace {

const bool started = [] {
  std::thread([] {
    while (true) pause();
  }).detach();
  return true;
}();

}  // namespace
