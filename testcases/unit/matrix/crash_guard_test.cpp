// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/grad_mode.h>
#include <c10/util/Exception.h>
#include <crosstrace/matrix/crash_guard.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <stdexcept>

namespace crosstrace {
namespace {

TEST(Guard, LetsGoodWorkPass) {
  bool ran = false;
  EXPECT_FALSE(guarded([&] { ran = true; }));
  EXPECT_TRUE(ran);
}

TEST(Guard, TurnsExceptionsIntoErrors) {
  const auto failure = guarded([] { throw std::runtime_error("it broke"); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->verdict, Verdict::kError);
  EXPECT_EQ(failure->message, "it broke");
}

TEST(Guard, LeavesOutTheFramesOfLibTorchErrors) {
  const auto failure = guarded([] { TORCH_CHECK(false, "sizes differ"); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->message, "sizes differ");
}

TEST(Guard, NamesTheTypeOfAForeignException) {
  EXPECT_EQ(guarded([] { throw 42; })->message,
            "threw a value of type int, which is not a std::exception");
}

TEST(Guard, SurvivesAbortAndWildPointers) {
  EXPECT_EQ(guarded([] { std::abort(); })->message, "crashed: SIGABRT (Aborted)");
  EXPECT_EQ(guarded([] { std::raise(SIGSEGV); })->message, "crashed: SIGSEGV (Segmentation fault)");
  EXPECT_EQ(guarded([] { std::raise(SIGFPE); })->verdict, Verdict::kCrashed);
}

TEST(Guard, SurvivesRecursionWithoutEnd) {
  // Volatile, or the compiler would see that there is no end.
  static int (*volatile dive)(int) = [](int depth) {
    volatile char frame[4096] = {};
    frame[depth % 4096] = 1;
    return dive(depth + 1) + frame[depth % 4096];
  };
  EXPECT_EQ(guarded([] { (void)dive(0); })->message, "crashed: SIGSEGV (Segmentation fault)");
}

TEST(Guard, SurvivesTerminate) {
  EXPECT_EQ(guarded([] { std::terminate(); })->verdict, Verdict::kCrashed);
}

TEST(Guard, PutsBackLibTorchsThreadState) {
  ASSERT_TRUE(at::GradMode::is_enabled());
  (void)guarded([] {
    const at::NoGradGuard no_grad;
    std::abort();
  });
  EXPECT_TRUE(at::GradMode::is_enabled());
}

TEST(Guard, Nests) {
  const auto outer = guarded([] {
    const auto inner = guarded([] { std::abort(); });
    throw std::runtime_error("after " + inner->message);
  });
  EXPECT_EQ(outer->message, "after crashed: SIGABRT (Aborted)");
}

TEST(Guard, PutsTheCauseOfAnInterpreterErrorFirst) {
  EXPECT_EQ(
      error_text("The following operation failed in the TorchScript interpreter.\n"
                 "Traceback of TorchScript (most recent call last):\n  File \"m.py\", line 3\n"
                 "RuntimeError: Expected all tensors\nException raised from here\nframe #0\n"),
      "Expected all tensors\nThe following operation failed in the TorchScript interpreter.\n"
      "Traceback of TorchScript (most recent call last):\n  File \"m.py\", line 3");
}

}  // namespace
}  // namespace crosstrace
