// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/util/Exception.h>
#include <crosstrace/matrix/crash_guard.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <thread>

#include "unit/faults.h"
#include "unit/raise_as.h"

namespace crosstrace {
namespace {

using ::testing::MatchesRegex;
using ::testing::StartsWith;

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
  EXPECT_THAT(guarded([] { std::abort(); })->message, StartsWith("crashed: SIGABRT (Aborted) in "));
  EXPECT_THAT(guarded([] { std::raise(SIGSEGV); })->message,
              StartsWith("crashed: SIGSEGV (Segmentation fault) in "));
  EXPECT_EQ(guarded([] { std::raise(SIGFPE); })->verdict, Verdict::kCrashed);
}

TEST(Guard, NamesTheInnermostFunctionOfACrash) {
  EXPECT_THAT(guarded([] { commit_fault("wild_pointer"); })->message,
              StartsWith("crashed: SIGSEGV (Segmentation fault) at address 0x10 in "
                         "crosstrace::read_wild_pointer"));
  EXPECT_THAT(
      guarded([] { commit_fault("wild_pointer_in_libtorch"); })->message,
      MatchesRegex(
          R"(crashed: SIGSEGV \(Segmentation fault\) at address 0x10[0-9a-f]+ in (at|c10)::.*)"));
}

TEST(Guard, SurvivesRecursionWithoutEnd) {
  EXPECT_THAT(guarded([] { commit_fault("stack_overflow"); })->message,
              MatchesRegex(
                  R"(crashed: SIGSEGV \(Segmentation fault\) at address 0x[0-9a-f]+, the stack is )"
                  "used up in crosstrace::dive.*"));
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
  EXPECT_THAT(outer->message, StartsWith("after crashed: SIGABRT (Aborted)"));
}

TEST(Guard, PutsTheCauseOfAnInterpreterErrorFirst) {
  EXPECT_EQ(
      error_text("The following operation failed in the TorchScript interpreter.\n"
                 "Traceback of TorchScript (most recent call last):\n  File \"m.py\", line 3\n"
                 "RuntimeError: Expected all tensors\nException raised from here\nframe #0\n"),
      "Expected all tensors\nThe following operation failed in the TorchScript interpreter.\n"
      "Traceback of TorchScript (most recent call last):\n  File \"m.py\", line 3");
}

TEST(GuardDeathTest, FailsAModelThatEndsTheProcess) {
  const auto said = "a model called exit\\(\\) in the middle of a cell";
  EXPECT_EXIT((void)guarded([] { std::exit(0); }), ::testing::ExitedWithCode(1), said);
  EXPECT_EXIT((void)guarded([] { std::quick_exit(0); }), ::testing::ExitedWithCode(1), said);
  EXPECT_EXIT((void)guarded([] { std::thread([] { std::exit(0); }).join(); }),
              ::testing::ExitedWithCode(1), said);
  EXPECT_EXIT((guarded([] {}), std::exit(0)), ::testing::ExitedWithCode(0), "");
}

/// As LibTorch's interpreter writes it.
std::string interpreter_text(const std::string& exception) {
  return "The following operation failed in the TorchScript interpreter.\n"
         "Traceback of TorchScript (most recent call last):\n"
         "  File \"<string>\", line 3, in forward\n"
         "def forward(self, x: Tensor, rate: int):\n"
         "    raise ValueError(\"bad\")\n"
         "    ~~~~~~~~~~~~~~~~~~~~~~~~~~~ <--- HERE\n"
         "    return x: int\n" +
         exception + "\n";
}

std::string cause_of(const std::string& exception) {
  const std::string text = error_text(interpreter_text(exception));
  return text.substr(0, text.find("\nThe following operation failed"));
}

TEST(Guard, PutsTheExceptionThatAScriptRaisedFirstWhateverItsClass) {
  EXPECT_EQ(cause_of("builtins.ValueError: only 16000 Hz is supported"),
            "ValueError: only 16000 Hz is supported");
  EXPECT_EQ(cause_of("RuntimeError: Expected all tensors"), "Expected all tensors");
  EXPECT_EQ(cause_of("builtins.RuntimeError: no weights"), "no weights");
  EXPECT_EQ(cause_of("__main__.NoWeights: see: the manual"), "NoWeights: see: the manual");
  EXPECT_EQ(cause_of("builtins.ValueError: one\nRuntimeError: two"),
            "ValueError: one\nRuntimeError: two");
  EXPECT_EQ(cause_of("builtins.ValueError: "), "ValueError");
}

TEST(Guard, PutsTheInnermostExceptionOfATaskFirst) {
  EXPECT_EQ(cause_of("RuntimeError: " + interpreter_text("builtins.KeyError: 'a'")).substr(0, 13),
            "KeyError: 'a'");
}

TEST(Guard, TellsWhatAScriptRaisesFromWhatAnOperatorThrows) {
  torch::jit::Module module("M");
  module.define(R"(
def raises(self, x: Tensor, rate: int) -> Tensor:
    assert rate == 16000
    return x
def asserts(self, x: Tensor) -> Tensor:
    assert x.dim() == 7, "seven"
    return x
def fails(self, x: Tensor) -> Tensor:
    return x + torch.ones([5])
)");
  raise_as(module, "raises", "builtins.ValueError", "only 16000 Hz is supported");
  const auto of = [&](const char* method, std::vector<c10::IValue> inputs) {
    return *guarded([&] { (void)module.get_method(method)(inputs); });
  };
  const Failure raised = of("raises", {at::ones({3}), 8000});
  EXPECT_TRUE(raised.raised);
  EXPECT_EQ(raised.message.substr(0, raised.message.find('\n')),
            "ValueError: only 16000 Hz is supported");
  const Failure asserted = of("asserts", {at::ones({3})});
  EXPECT_TRUE(asserted.raised);
  EXPECT_EQ(asserted.message.substr(0, asserted.message.find('\n')), "AssertionError: seven");
  const Failure failed = of("fails", {at::ones({3})});
  EXPECT_FALSE(failed.raised);
  EXPECT_EQ(failed.message.substr(0, 18), "The size of tensor");
}

}  // namespace
}  // namespace crosstrace
