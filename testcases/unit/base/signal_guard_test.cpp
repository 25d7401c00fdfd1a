// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <assert.h>
#include <crosstrace/base/accelerator.h>
#include <crosstrace/base/signal_guard.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "unit/faults.h"

namespace crosstrace {
namespace {

std::string died_of(const std::function<void()>& work) {
  const auto crash = run_until_signal(work);
  return crash ? describe_signal(*crash) : "nothing";
}

TEST(SignalGuard, TellsWhatWorkDiedOf) {
  EXPECT_EQ(died_of([] {}), "nothing");
  EXPECT_EQ(died_of([] { std::abort(); }), "SIGABRT (Aborted)");
  EXPECT_EQ(died_of([] { ::raise(SIGFPE); }), "SIGFPE (Floating point exception)");
  EXPECT_EQ(died_of([] { ::raise(SIGSEGV); }), "SIGSEGV (Segmentation fault)");
  EXPECT_EQ(describe_signal(SIGFPE), "SIGFPE (Floating point exception)");
}

TEST(SignalGuard, TellsTheAddress) {
  const auto* const wild = reinterpret_cast<const int*>(0x10);
  EXPECT_EQ(died_of([&] { (void)read_wild_pointer(wild); }),
            "SIGSEGV (Segmentation fault) at address 0x10");
#ifndef __SANITIZE_ADDRESS__  // Which looks at addresses and the heap itself, and ends the process.
  // In memcpy(), which takes no lock.
  char here[64];
  void* volatile there = reinterpret_cast<void*>(0x20);
  EXPECT_EQ(died_of([&] { std::memcpy(here, there, sizeof here); }),
            "SIGSEGV (Segmentation fault) at address 0x20");
#endif
}

TEST(SignalGuard, PutsBackWhichAcceleratorThereIs) {
  const auto before = at::accelerator::getAccelerator();
  (void)run_until_signal([] {
    const AcceleratorScope scope(c10::kPrivateUse1);
    std::abort();
  });
  EXPECT_EQ(at::accelerator::getAccelerator(), before);
}

TEST(SignalGuard, TellsWhatTheCLibrarySaidOnce) {
  const std::string said = died_of([] { __assert_fail("1 == 2", "net.cpp", 14, "forward"); });
  EXPECT_TRUE(said.starts_with("SIGABRT (Aborted): ")) << said;
  EXPECT_TRUE(said.ends_with("net.cpp:14: forward: Assertion `1 == 2' failed.")) << said;
  EXPECT_EQ(died_of([] { std::abort(); }), "SIGABRT (Aborted)");
}

TEST(SignalGuard, HasTheStackOfACrash) {
  const auto crash = run_until_signal([] { std::abort(); });
  EXPECT_GT(crash->frame_count, 4U);
  EXPECT_TRUE(can_be_left(*crash));
}

TEST(SignalGuard, CountsWhatItSurvives) {
  const int before = survived_crashes();
  (void)run_until_signal([] { std::abort(); });
  (void)run_until_signal([] {});
  EXPECT_EQ(survived_crashes(), before + 1);
}

TEST(SignalGuardDeathTest, EndsWhereALockMayBeHeld) {
  const auto dies = [](const std::function<void()>& work, const char* said) {
    EXPECT_EXIT((void)run_until_signal(work), ::testing::KilledBySignal(SIGABRT), said);
  };
#ifndef __SANITIZE_ADDRESS__
  dies([] { free_twice(32); },
       "a model died of SIGABRT in code that may hold a lock, .*: free\\(\\): double free");
  dies([] { free_twice(8192); }, "may hold a lock, which ends the process: double free");
#endif
  dies([] { std::call_once(*new std::once_flag, [] { std::abort(); }); }, "may hold a lock");
  dies([] { std::thread([] { std::abort(); }).join(); },
       "a model died of SIGABRT on another thread, which ends the process");
}

TEST(SignalGuardDeathTest, WritesEachCrashToWhoWatches) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EXIT(
      {
        report_crashes_to(ends[1]);
        (void)run_until_signal([] { std::abort(); });
        (void)read_wild_pointer(reinterpret_cast<const int*>(0x10));
      },
      ::testing::KilledBySignal(SIGSEGV), "^$");
  Crash first, second;
  ASSERT_EQ(read(ends[0], &first, sizeof first), static_cast<ssize_t>(sizeof first));
  ASSERT_EQ(read(ends[0], &second, sizeof second), static_cast<ssize_t>(sizeof second));
  EXPECT_EQ(describe_signal(first), "SIGABRT (Aborted)");
  EXPECT_EQ(describe_signal(second), "SIGSEGV (Segmentation fault) at address 0x10");
}

TEST(SignalGuard, NestsAndLetsExceptionsThrough) {
  std::string inner;
  EXPECT_EQ(died_of([&] { inner = died_of([] { std::abort(); }); }), "nothing");
  EXPECT_EQ(inner, "SIGABRT (Aborted)");
  EXPECT_THROW(run_until_signal([] { throw std::runtime_error("no"); }), std::runtime_error);
}

// The stack that is used up is the one that handlers would run on.
TEST(SignalGuard, SurvivesRecursionWithoutEnd) {
  const auto crash = run_until_signal([] { (void)dive(0); });
  ASSERT_TRUE(crash);
  EXPECT_EQ(crash->signal, SIGSEGV);
  EXPECT_TRUE(crash->is_stack_used_up);
}

}  // namespace
}  // namespace crosstrace
