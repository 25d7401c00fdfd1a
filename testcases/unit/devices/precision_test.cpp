// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Context.h>
#include <crosstrace/devices/precision.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

namespace crosstrace {
namespace {

using at::Float32Backend;
using at::Float32Op;
using ::testing::ExitedWithCode;
using ::testing::ThrowsMessage;

using Set = void (*)();

void set(Float32Backend backend, Float32Op op, at::Float32Precision precision) {
  at::globalContext().setFloat32Precision(backend, op, precision);
}

template <class Ask>
std::string answer(const Ask& ask) {
  try {
    return std::to_string(static_cast<int>(ask()));
  } catch (const c10::Error&) {
    return "throws";
  }
}

/// What getters answer, old and new.
std::string answers() {
  const at::Context& context = at::globalContext();
  std::string all;
  for (const auto backend : {Float32Backend::CUDA, Float32Backend::MKLDNN}) {
    for (const auto op : {Float32Op::ALL, Float32Op::CONV, Float32Op::RNN, Float32Op::MATMUL}) {
      all += answer([&] { return context.float32Precision(backend, op); }) + " ";
    }
  }
  all += answer([&] { return context.float32Precision(Float32Backend::GENERIC, Float32Op::ALL); });
  all += " cudnn " + answer([&] { return context.allowTF32CuDNN(); });
  all += " cublas " + answer([&] { return context.allowTF32CuBLAS(); });
  all += " matmul " + answer([&] { return context.float32MatmulPrecision(); });
  all += " sums " + answer([&] { return context.allowFP16ReductionCuBLAS(); });
  all += answer([&] { return context.allowBF16ReductionCuBLAS(); });
  all += answer([&] { return context.allowFP16AccumulationCuBLAS(); });
  all += answer([&] { return context.allowFP16BF16ReductionMathSDP(); });
  return all + answer([&] { return context.allowFP16ReductionCPU(); });
}

/// Also what is inherited, which shows only once something above it is set. Changes nothing.
std::string everything() {
  std::string all = answers();
  const at::Context& context = at::globalContext();
  const auto generic = context.float32Precision(Float32Backend::GENERIC, Float32Op::ALL);
  set(Float32Backend::GENERIC, Float32Op::ALL, at::Float32Precision::NONE);
  const auto cuda = context.float32Precision(Float32Backend::CUDA, Float32Op::ALL);
  const auto onednn = context.float32Precision(Float32Backend::MKLDNN, Float32Op::ALL);
  for (const auto precision :
       {at::Float32Precision::IEEE, at::Float32Precision::TF32, at::Float32Precision::NONE}) {
    set(Float32Backend::CUDA, Float32Op::ALL, precision);
    set(Float32Backend::MKLDNN, Float32Op::ALL, precision);
    all += "\n" + answers();
  }
  set(Float32Backend::CUDA, Float32Op::ALL, cuda);
  set(Float32Backend::MKLDNN, Float32Op::ALL, onednn);
  set(Float32Backend::GENERIC, Float32Op::ALL, generic);
  return all;
}

struct Case {
  std::string name;
  Set set;
};

void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

const Case kCases[] = {
    {"Defaults", [] {}},
    {"OldSwitchOfCudnn", [] { at::globalContext().setAllowTF32CuDNN(false); }},
    {"OldSwitchOfCublas", [] { at::globalContext().setAllowTF32CuBLAS(true); }},
    {"OldPrecisionOfMatmul", [] { at::globalContext().setFloat32MatmulPrecision("medium"); }},
    {"OneOperationAlone",
     [] { set(Float32Backend::CUDA, Float32Op::CONV, at::Float32Precision::IEEE); }},
    {"MatmulAlone",
     [] { set(Float32Backend::CUDA, Float32Op::MATMUL, at::Float32Precision::TF32); }},
    {"AllOfABackend",
     [] { set(Float32Backend::CUDA, Float32Op::ALL, at::Float32Precision::IEEE); }},
    {"AllBackends",
     [] { set(Float32Backend::GENERIC, Float32Op::ALL, at::Float32Precision::TF32); }},
    {"OneDnn", [] { set(Float32Backend::MKLDNN, Float32Op::MATMUL, at::Float32Precision::BF16); }},
    {"OldAndNew",
     [] {
       at::globalContext().setAllowTF32CuBLAS(true);
       set(Float32Backend::CUDA, Float32Op::MATMUL, at::Float32Precision::IEEE);
       set(Float32Backend::CUDA, Float32Op::RNN, at::Float32Precision::NONE);
       set(Float32Backend::CUDA, Float32Op::ALL, at::Float32Precision::TF32);
     }},
    {"ReducedSums",
     [] {
       at::globalContext().setAllowFP16ReductionCuBLAS(false);
       at::globalContext().setAllowFP16BF16ReductionMathSDP(true);
     }},
};

std::string words(const Tf32Flags& flags) {
  return std::string(flags.convolution ? "convolution " : "") + (flags.rnn ? "rnn " : "") +
         (flags.matmul ? "matmul " : "");
}

void check(const std::string& what, const std::string& expected, const std::string& actual) {
  if (actual == expected) return;
  std::cerr << what << ": expected\n" << expected << "\ngot\n" << actual << '\n';
  std::exit(1);
}

void check_cpu() {
  for (const auto op : {Float32Op::CONV, Float32Op::RNN, Float32Op::MATMUL}) {
    const auto precision = at::globalContext().float32Precision(Float32Backend::MKLDNN, op);
    if (precision == at::Float32Precision::IEEE) continue;
    std::cerr << "the CPU may reduce precision\n";
    std::exit(1);
  }
}

/// Ends the process: with 0 if each precision is what it says, and gives every flag back.
[[noreturn]] void check_precisions() {
  const std::string before = everything();
  {
    const PrecisionScope strict(Precision::kStrict);
    check("strict", "", words(tf32_flags()));
    check_cpu();
  }
  check("after strict", before, everything());
  {
    const PrecisionScope tf32(Precision::kTf32);
    check("tf32", "convolution rnn matmul ", words(tf32_flags()));
    check_cpu();
    const std::string outside = everything();
    {
      const PrecisionScope inner(Precision::kStrict);
      check("strict in tf32", "", words(tf32_flags()));
    }
    check("after strict in tf32", outside, everything());
  }
  check("after tf32", before, everything());
  {
    const PrecisionScope exported(Precision::kAsExported);
    check("as_exported", before, everything());
  }
  check("after as_exported", before, everything());
  std::exit(0);
}

/// Flags belong to the process, so each case has one of its own.
class PrecisionDeathTest : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_P(PrecisionDeathTest, IsWhatItSaysAndGivesEveryFlagBack) {
  EXPECT_EXIT(
      {
        GetParam().set();
        check_precisions();
      },
      ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(Flags, PrecisionDeathTest, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

TEST(Precision, AsExportedLeavesTheFlags) {
  const std::string before = answers();
  const PrecisionScope scope(Precision::kAsExported);
  EXPECT_EQ(answers(), before);
  EXPECT_EQ(words(tf32_flags()), "convolution rnn ") << "LibTorch's defaults";
}

TEST(Precision, KeepsSumsInFloat32IfStrict) {
  const at::Context& context = at::globalContext();
  ASSERT_EQ(context.allowBF16ReductionCuBLAS(),
            at::CuBLASReductionOption::AllowReducedPrecisionWithSplitK);
  const PrecisionScope scope(Precision::kStrict);
  EXPECT_EQ(context.allowBF16ReductionCuBLAS(),
            at::CuBLASReductionOption::DisallowReducedPrecisionAllowSplitK);
  EXPECT_EQ(context.allowFP16ReductionCuBLAS(),
            at::CuBLASReductionOption::DisallowReducedPrecisionAllowSplitK);
}

TEST(Precision, LetsOldGettersAnswerInside) {
  for (const Precision precision : {Precision::kStrict, Precision::kTf32}) {
    const PrecisionScope scope(precision);
    EXPECT_EQ(at::globalContext().allowTF32CuBLAS(), precision == Precision::kTf32);
  }
}

TEST(Precision, HasTheWordsOfTheCommandLine) {
  for (const Precision precision : {Precision::kStrict, Precision::kAsExported, Precision::kTf32}) {
    EXPECT_EQ(parse_precision(std::string(to_string(precision)), "--precision"), precision);
  }
  EXPECT_THAT([] { parse_precision("TF32", "--precision"); },
              ThrowsMessage<std::invalid_argument>(
                  "--precision: 'TF32' is no precision; write strict, as_exported or tf32"));
}

}  // namespace
}  // namespace crosstrace
