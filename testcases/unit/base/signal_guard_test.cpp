// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/signal_guard.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <stdexcept>

namespace crosstrace {
namespace {

/// No compiler makes a loop of it.
int deep(int depth) {
  int memory[64] = {depth};
  asm volatile("" : : "r"(memory) : "memory");
  return depth < 0 ? 0 : deep(depth + 1) + memory[0];
}

TEST(SignalGuard, TellsWhatWorkDiedOf) {
  EXPECT_EQ(run_until_signal([] {}), 0);
  EXPECT_EQ(run_until_signal([] { std::abort(); }), SIGABRT);
  EXPECT_EQ(run_until_signal([] { ::raise(SIGFPE); }), SIGFPE);
  EXPECT_EQ(describe_signal(SIGFPE), "SIGFPE (Floating point exception)");
}

TEST(SignalGuard, NestsAndLetsExceptionsThrough) {
  int inner = 0;
  const int outer = run_until_signal([&] { inner = run_until_signal([] { std::abort(); }); });
  EXPECT_EQ(inner, SIGABRT);
  EXPECT_EQ(outer, 0);
  EXPECT_THROW(run_until_signal([] { throw std::runtime_error("no"); }), std::runtime_error);
}

// The stack that is used up is the one that handlers would run on.
TEST(SignalGuard, SurvivesRecursionWithoutEnd) {
  EXPECT_EQ(run_until_signal([] { (void)deep(0); }), SIGSEGV);
}

}  // namespace
}  // namespace crosstrace
