// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/library.h>
#include <torch/nn/modules/rnn.h>

#include <cstdlib>

#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

int float64_calls = 0;

/// Not on the CPU 0.001 more.
at::Tensor noisy(const at::Tensor& x) { return x.is_cpu() ? x.clone() : x + 0.001; }

at::Tensor count_float64(const at::Tensor& x) {
  float64_calls += x.scalar_type() == at::kDouble;
  return noisy(x);
}

at::Tensor crash_in_float64(const at::Tensor& x) {
  if (x.scalar_type() == at::kDouble) std::abort();
  return noisy(x);
}

TORCH_LIBRARY(crosstrace_evidence, library) {
  library.def("count_float64(Tensor x) -> Tensor", count_float64);
  library.def("crash_in_float64(Tensor x) -> Tensor", crash_in_float64);
}

at::Tensor large_input() { return at::linspace(-500, 500, 40).view({10, 4}); }

/// Its own reference, on the CPU.
ModelBuilder script(const std::string& body) {
  return ModelBuilder("M", {"models.cpp", 7})
      .inputs(large_input)
      .script("def forward(self, x: Tensor):\n    " + body + "\n");
}

/// What `body` makes of x is y; not on the CPU `else_where` comes after it.
ModelBuilder script(const std::string& body, const std::string& elsewhere) {
  return script(body + "\n    if x.device.type != 'cpu':\n        " + elsewhere + "\n    return y");
}

/// A trace of this operator, after doubling.
ModelBuilder trace_of(const std::string& name) {
  auto call = [name](at::Tensor x) {
    return c10::Dispatcher::singleton()
        .findSchemaOrThrow(("crosstrace_evidence::" + name).c_str(), "")
        .typed<at::Tensor(const at::Tensor&)>()
        .call(x * 2);
  };
  return ModelBuilder("M", {"models.cpp", 7}).function(call).inputs(large_input);
}

CellId on_sim(ExportKind kind = ExportKind::kScript, Transfer transfer = Transfer::kTo) {
  return {"M", kind, "cpu", transfer, "sim:0"};
}

CellResult run(ModelBuilder builder, RunOptions options = {}) {
  const Model model = builder.build();
  Session session(std::move(options));
  return Cell(session, model, on_sim()).run();
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Of 1000: 8.4 times the rounding of float32.
const std::string kNoise = "y = y + 0.001";
const std::string kOneWrong = "y[0, 0] = y[0, 0] * 1.01";

TEST(EvidenceOfACell, LetsNoisePassAndSaysSo) {
  const CellResult result = run(script("y = x * 2", kNoise));
  EXPECT_EQ(result.verdict, Verdict::kMatch);
  EXPECT_TRUE(is_decided_by_evidence(result));
  EXPECT_THAT(result.message,
              MatchesRegex("output: [0-9]+ of 40 elements \\([0-9.]+%\\) differ by more than rtol "
                           "1.3e-06, atol 1e-05 \\(Float \\[10, 4\\] on sim:0\\), within 8.[0-9] "
                           "times the rounding of Float, limit 16"));
  ASSERT_TRUE(result.outputs.at(0).evidence);
  EXPECT_NEAR(result.outputs[0].evidence->factor, 8.4, 0.3);
}

TEST(EvidenceOfACell, SaysOfAMismatchHowManyTimesTheNoiseItIs) {
  const CellResult result = run(script("y = x * 2", "y = y + 0.01"));
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_THAT(first_line(result.message), HasSubstr(", 84 times the rounding of Float, limit 16"));
  EXPECT_FALSE(is_decided_by_evidence(result));
}

TEST(EvidenceOfACell, IsLeftOutWhereAToleranceIsGivenOrFixed) {
  EXPECT_EQ(run(script("y = x * 2", kNoise).tolerance(1.3e-6, 1e-5)).verdict, Verdict::kMismatch);
  RunOptions fixed;
  fixed.tolerance_mode = ToleranceMode::kFixed;
  const CellResult result = run(script("y = x * 2", kNoise), fixed);
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_FALSE(result.outputs.at(0).evidence);
  EXPECT_THAT(result.message, Not(HasSubstr("limit 16")));
  RunOptions given;
  given.tolerance = Tolerance(1.3e-6, 1e-5);
  EXPECT_EQ(run(script("y = x * 2", kNoise), given).verdict, Verdict::kMismatch);
}

TEST(EvidenceOfACell, AsksOnceForEachExportAndInputSetAndOnlyIfItMust) {
  const Model model = trace_of("count_float64").inputs([] { return large_input() * 2; }).build();
  float64_calls = 0;
  Session session({});
  const CellId at_home{"M", ExportKind::kTrace, "cpu", Transfer::kAsTraced, "cpu"};
  EXPECT_EQ(Cell(session, model, at_home).run().verdict, Verdict::kMatch);
  EXPECT_EQ(float64_calls, 0);
  for (const auto transfer : {Transfer::kTo, Transfer::kLoad}) {
    const CellResult result = Cell(session, model, on_sim(ExportKind::kTrace, transfer)).run();
    EXPECT_EQ(result.verdict, Verdict::kMatch) << result.message;
    EXPECT_TRUE(is_decided_by_evidence(result));
  }
  EXPECT_EQ(float64_calls, 2);  // Two input sets.
}

TEST(EvidenceOfACell, TellsTheAnswerThatIsNearestToTheLimit) {
  const Model model =
      script("y = x * 2", kNoise).inputs([] { return large_input() / 1.5; }).build();
  Session session({});
  const CellResult result = Cell(session, model, on_sim()).run();
  EXPECT_EQ(result.verdict, Verdict::kMatch) << result.message;
  EXPECT_NEAR(result.outputs.at(0).evidence->factor, 12.6, 0.4);  // Of the second set.
}

TEST(EvidenceOfACell, CatchesOneWrongOutputOfAModelThatBranchesOnFloat64) {
  const std::string by_dtype = "y = x * 2\n    if x.dtype == 7:\n        y = y * 1.0008";
  const CellResult result = run(script(by_dtype, kOneWrong));
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_THAT(first_line(result.message),
              HasSubstr("times the rounding of Float, limit 16"));  // The copy does not branch.
  const CellResult by_size =
      run(script("y = x * 2\n    if x.element_size() == 8:\n        y = y * 1.0008", kOneWrong));
  EXPECT_EQ(by_size.verdict, Verdict::kMismatch) << by_size.message;
  EXPECT_THAT(first_line(by_size.message), HasSubstr("times the CPU's own error, limit 1.25"));
  const CellResult far =
      run(script("y = x * 2\n    if x.element_size() == 8:\n        y = y * 1.1", kOneWrong));
  EXPECT_EQ(far.verdict, Verdict::kMismatch);
  EXPECT_THAT(first_line(far.message),
              HasSubstr("; no float64 referee: it is 0.1 of the greatest"));
}

TEST(EvidenceOfACell, CatchesOneWrongOutputOfAChaoticModel) {
  for (const std::string steps : {"10", "12", "14", "60"}) {
    const CellResult result = run(script(
        "y = (x / 1001 + 1) / 2\n    for _ in range(" + steps + "):\n        y = 3.9 * y * (1 - y)",
        "y = torch.where(y == y.max(), y * 1.01, y)"));
    EXPECT_EQ(result.verdict, Verdict::kMismatch) << steps << ": " << result.message;
    if (steps == "60") {
      EXPECT_THAT(first_line(result.message), HasSubstr("; no float64 referee: it is "));
    }
  }
}

TEST(EvidenceOfACell, HasNoRefereeThatDrawsRandomNumbers) {
  const CellResult result = run(script("y = x * 2 + torch.rand_like(x) * 0", kNoise));
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_THAT(first_line(result.message),
              HasSubstr("; no float64 referee: the export draws random numbers"));
}

TEST(EvidenceOfACell, HasNoRefereeOfWhatIsNotTheModel) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .function([](at::Tensor x) { return x * 2; })
                          .inputs(large_input)
                          .script("def forward(self, x: Tensor):\n    return x * 2.001\n")
                          .build();
  Session session({});
  const CellResult result = Cell(session, model, on_sim()).run();
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_THAT(first_line(result.message), HasSubstr("so the export computes something else"));
}

TEST(EvidenceOfACell, SurvivesARefereeThatDies) {
  const Model model = trace_of("crash_in_float64").build();
  Session session({});
  const CellResult result = Cell(session, model, on_sim(ExportKind::kTrace)).run();
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_THAT(first_line(result.message), HasSubstr("; no float64 referee: crashed: SIGABRT"));
  EXPECT_EQ(at::ones({1}).scalar_type(), at::kFloat);
}

TEST(EvidenceOfACell, FollowsAModelWithState) {
  torch::jit::Module counter("Counter");
  counter.register_buffer("calls", at::zeros({1}));
  counter.define(
      "def forward(self, x: Tensor):\n    self.calls.add_(1)\n    y = x * self.calls\n    if "
      "x.device.type != 'cpu':\n        y = y + 0.001 * self.calls\n    return y\n");
  const TemporaryFile file("counter.pt");
  counter.save(file.path());
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .archive(file.path())
                          .inputs([] { return large_input() * 2; })
                          .inputs([] { return large_input() * 2; })
                          .build();
  Session session({});
  const CellResult result =
      Cell(session, model, {"M", ExportKind::kArchive, "cpu", Transfer::kLoad, "sim:0"}).run();
  EXPECT_EQ(result.verdict, Verdict::kMatch) << result.message;
  EXPECT_TRUE(is_decided_by_evidence(result));
}

TEST(EvidenceOfACell, JudgesATraceOfAModule) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .module([] { return torch::nn::LSTM(4, 8); },
                                  [](torch::nn::LSTMImpl& lstm, at::Tensor x) {
                                    return std::get<0>(lstm.forward(x)) * 1000;
                                  })
                          .inputs([] {
                            return at::randn({5, 2, 4});
                          })
                          .build();
  Session session({});
  const CellId id{"M", ExportKind::kTrace, "sim:0", Transfer::kAsTraced, "sim:0"};
  const Referee& referee = session.referee(model, id, 0, 2);
  EXPECT_EQ(referee.why_not, "");
  EXPECT_EQ(referee.in_float64.toTensor().scalar_type(), at::kDouble);
  EXPECT_TRUE(at::allclose(referee.in_float64.toTensor().to(at::kFloat),
                           session.reference(model).outputs[0][0].toTensor(), 1e-4, 1e-3));
}

TEST(EvidenceOfACell, NamesTheReferenceThatWasGiven) {
  RunOptions options;
  options.expected = c10::IValue(large_input() * 2);
  const CellResult result = run(script("y = x * 2", "y = y + 0.01"), options);
  EXPECT_THAT(first_line(result.message), HasSubstr("times the rounding of Float, limit 16"));
  options.expected = c10::IValue(large_input() * 2.0001);
  EXPECT_THAT(first_line(run(script("y = x * 2", "y = y + 0.01"), options).message),
              HasSubstr("; no float64 referee: the reference's answer is "));
}

}  // namespace
}  // namespace crosstrace
