// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/plan.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/linear.h>

#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

at::Tensor twice(at::Tensor x) { return x * 2; }
at::Tensor some_input() { return at::randn({3, 4}); }

ModelBuilder twice_but(const std::string& body) {
  return ModelBuilder("M", {"models.cpp", 7})
      .function(twice)
      .inputs(some_input)
      .script("def forward(self, x: Tensor):\n    " + body + "\n");
}

CellId script_on(const std::string& run_device, Transfer transfer = Transfer::kTo) {
  return {"M", ExportKind::kScript, "cpu", transfer, run_device};
}

CellId trace_on(const std::string& trace_device, Transfer transfer, const std::string& run_device) {
  return {"M", ExportKind::kTrace, trace_device, transfer, run_device};
}

CellResult run(const Model& model, const CellId& id, RunOptions options = {}) {
  Session session(std::move(options));
  return Cell(session, model, id).run();
}

TEST(CellRun, MatchesOnEveryPairAndTransfer) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .module([] { return torch::nn::Linear(4, 2); })
                          .inputs(some_input)
                          .build();
  Session session({});
  for (const CellId& id : plan_cells(model, {"cpu", "sim:0", "sim:1"})) {
    const CellResult result = Cell(session, model, id).run();
    EXPECT_EQ(result.verdict, Verdict::kMatch) << id.describe() << ": " << result.message;
    EXPECT_EQ(result.outputs.size(), 1U);
    EXPECT_GT(result.duration_ms, 0);
  }
}

/// As torch::nn::MultiheadAttention answers where no weights are wanted.
TEST(CellRun, TakesAnUndefinedTensorForNone) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .function([](at::Tensor x) {
                            return std::make_tuple(x * 2, std::make_tuple(at::Tensor(), x * 3));
                          })
                          .inputs(some_input)
                          .build();
  for (const std::string device : {"cpu", "sim:0"}) {
    const CellResult result = run(model, trace_on("cpu", Transfer::kTo, device));
    EXPECT_EQ(result.verdict, Verdict::kMatch) << result.message;
    EXPECT_EQ(result.outputs.size(), 3U);
  }
}

TEST(CellRun, TellsWhatIsWrong) {
  EXPECT_EQ(run(twice_but("return x * 3").build(), script_on("cpu")).verdict, Verdict::kMismatch);
  EXPECT_EQ(run(twice_but("return x * 2 / 0").build(), script_on("cpu")).verdict,
            Verdict::kNonfinite);
  EXPECT_EQ(run(twice_but("return (x * 2).to('cpu')").build(), script_on("sim:0")).verdict,
            Verdict::kWrongDevice);
  EXPECT_EQ(run(twice_but("return (x * 2).t()").build(), script_on("cpu")).verdict,
            Verdict::kWrongShape);
  EXPECT_EQ(run(twice_but("return [x * 2]").build(), script_on("cpu")).verdict,
            Verdict::kWrongShape);
  EXPECT_EQ(run(twice_but("return (x * 2).double()").build(), script_on("cpu")).verdict,
            Verdict::kWrongDtype);
}

TEST(CellRun, NamesTheCallThatThrows) {
  const CellResult result = run(twice_but("return x.view(5)").build(), script_on("cpu"));
  EXPECT_EQ(result.verdict, Verdict::kError);
  EXPECT_THAT(result.message,
              StartsWith("call 1 of 3: shape '[5]' is invalid for input of size 12\n"));
}

TEST(CellRun, NamesTheModelsLineIfItCannotBeExported) {
  const Model model =
      ModelBuilder("M", {"models.cpp", 7})
          .module([]() -> torch::nn::Linear { throw std::runtime_error("no weights"); })
          .inputs(some_input)
          .build();
  const CellResult result = run(model, trace_on("sim:0", Transfer::kTo, "cpu"));
  EXPECT_EQ(result.verdict, Verdict::kError);
  EXPECT_EQ(result.message, "trace on sim:0 failed: no weights\nregistered at models.cpp:7");
}

TEST(CellRun, CallsAFailureThatComesLaterUnstable) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .module(
                              [] {
                                torch::nn::Linear linear(4, 4);
                                linear->register_buffer("calls", at::zeros({1}));
                                return linear;
                              },
                              [](torch::nn::LinearImpl& linear, at::Tensor x) {
                                linear.named_buffers()["calls"].add_(1);
                                return x * 2;
                              })
                          .script(
                              "def forward(self, x: Tensor):\n    self.calls.add_(1)\n    return x "
                              "* 2 + (self.calls > 1).float()\n")
                          .inputs(some_input)
                          .build();
  const CellResult result = run(model, script_on("cpu"));
  EXPECT_EQ(result.verdict, Verdict::kUnstable);
  EXPECT_THAT(result.message, StartsWith("call 2 of 3: differs although call 1 matched: "));
}

TEST(CellRun, FollowsAModelWithState) {
  torch::jit::Module counter("Counter");
  counter.register_buffer("calls", at::zeros({1}));
  counter.define(
      "def forward(self, x: Tensor):\n    self.calls.add_(1)\n    return x * self.calls\n");
  const TemporaryFile file("counter.pt");
  counter.save(file.path());
  const Model archive =
      ModelBuilder("M", {"models.cpp", 7}).archive(file.path()).inputs(some_input).build();
  const CellResult result =
      run(archive, {"M", ExportKind::kArchive, "cpu", Transfer::kLoad, "sim:0"});
  EXPECT_EQ(result.verdict, Verdict::kMatch) << result.message;
}

TEST(CellRun, RunsEveryInputSet) {
  const Model model = twice_but("return x.view(3, 4) * 2")
                          .inputs([] {
                            return at::randn({2, 4});
                          })
                          .build();
  const CellResult result = run(model, script_on("cpu"));
  EXPECT_THAT(
      result.message,
      StartsWith("input set 2, call 1 of 3: shape '[3, 4]' is invalid for input of size 8\n"));
}

TEST(CellRun, AcceptsAnEmptyInputSetBesideAFullOne) {
  EXPECT_EQ(run(twice_but("return x * 2")
                    .inputs([] {
                      return at::randn({0, 4});
                    })
                    .build(),
                script_on("sim:0"))
                .verdict,
            Verdict::kMatch);
}

TEST(CellRun, DoesNotTrustAnAnswerThatProvesNothing) {
  const Model zero = ModelBuilder("M", {"models.cpp", 7})
                         .function([](at::Tensor x) { return x * 0; })
                         .inputs(some_input)
                         .build();
  EXPECT_EQ(run(zero, trace_on("cpu", Transfer::kTo, "cpu")).verdict, Verdict::kUntrusted);
  const Model blind = ModelBuilder("M", {"models.cpp", 7})
                          .function([](at::Tensor x) { return at::arange(3).to(x.scalar_type()); })
                          .inputs(some_input)
                          .build();
  const CellResult result = run(blind, trace_on("cpu", Transfer::kTo, "cpu"));
  EXPECT_EQ(result.verdict, Verdict::kUntrusted);
  EXPECT_EQ(
      result.message,
      "the answer is the same for 12 other inputs (other seeds, noise, numbers up to 1e7 times "
      "as great, integers in another order), so a match would prove nothing");
}

TEST(CellRun, SeesBlindnessWithInputsThatNeverVaryAndBehindAnEmptySet) {
  auto blind = [](at::Tensor x) { return at::arange(3).to(x.scalar_type()); };
  const Model fixed = ModelBuilder("M", {"models.cpp", 7})
                          .function(blind)
                          .inputs([] { return at::ones({3}); })
                          .build();
  EXPECT_EQ(run(fixed, trace_on("cpu", Transfer::kTo, "cpu")).verdict, Verdict::kUntrusted);
  auto rows = [](at::Tensor x) { return at::ones_like(x).cumsum(1); };
  const Model second = ModelBuilder("M", {"models.cpp", 7})
                           .function(rows)
                           .inputs([] {
                             return at::randn({0, 4});
                           })
                           .inputs(some_input)
                           .build();
  EXPECT_EQ(run(second, trace_on("cpu", Transfer::kTo, "cpu")).verdict, Verdict::kUntrusted);
}

TEST(CellRun, TrustsAModelThatRefusesOtherInputs) {
  const Model picky = ModelBuilder("M", {"models.cpp", 7})
                          .function([](at::Tensor x) {
                            TORCH_CHECK(x.sum().item<float>() == 6, "not these");
                            return x * 2;
                          })
                          .inputs([] { return at::arange(4).to(at::kFloat); })
                          .build();
  const CellResult result = run(picky, trace_on("cpu", Transfer::kTo, "cpu"));
  EXPECT_EQ(result.verdict, Verdict::kMatch) << result.message;
}

TEST(CellRun, GivesEachCallInputsOfItsOwn) {
  const at::Tensor kept = at::arange(4).to(at::kFloat);
  const Model greedy = ModelBuilder("M", {"models.cpp", 7})
                           .function([](at::Tensor x) { return x.add_(1) * 1; })
                           .inputs([kept] { return kept; })
                           .build();
  const CellResult result = run(greedy, trace_on("cpu", Transfer::kTo, "cpu"));
  EXPECT_EQ(result.verdict, Verdict::kMatch) << result.message;
  EXPECT_TRUE(kept.equal(at::arange(4).to(at::kFloat)));
}

TEST(CellRun, IsCalledOnceAtTheLeast) {
  RunOptions options;
  options.runs = 0;
  EXPECT_THROW(Session{options}, std::invalid_argument);
}

TEST(CellRun, RunsWhereTheReferenceFails) {
  torch::jit::Module module("M");
  module.define(
      "def forward(self, x: Tensor):\n    assert x.device != torch.device('cpu'), 'not here'\n    "
      "return x * 2\n");
  const TemporaryFile file("not_on_cpu.pt");
  module.save(file.path());
  const Model model =
      ModelBuilder("M", {"models.cpp", 7}).archive(file.path()).inputs(some_input).build();
  const CellResult on_sim =
      run(model, {"M", ExportKind::kArchive, "cpu", Transfer::kLoad, "sim:0"});
  EXPECT_EQ(on_sim.verdict, Verdict::kUntrusted);
  EXPECT_THAT(
      on_sim.message,
      StartsWith(
          "it ran, but there is nothing to compare with: the reference on the CPU failed: "));
  EXPECT_EQ(run(model, {"M", ExportKind::kArchive, "cpu", Transfer::kLoad, "cpu"}).verdict,
            Verdict::kError);
}

TEST(CellRun, SkipsAnAbsentDeviceUnlessItIsRequired) {
  const Model model = twice_but("return x * 2").build();
  const CellResult skipped = run(model, script_on("xpu:0"));
  EXPECT_EQ(skipped.verdict, Verdict::kSkipped);
  EXPECT_THAT(skipped.message, StartsWith("xpu:0 is absent: "));
  RunOptions options;
  options.required = {"xpu"};
  const CellResult required = run(model, script_on("xpu:0"), options);
  EXPECT_EQ(required.verdict, Verdict::kError);
  EXPECT_THAT(required.message, StartsWith("required, but xpu:0 is absent: "));
}

TEST(CellRun, AcceptsTheFailureThatIsDeclaredAndNoOther) {
  auto declared = [](const std::string& body, Verdict verdict, const std::string& cause) {
    return run(twice_but(body).expect_failure(any_cell(), verdict, cause).build(),
               script_on("cpu"));
  };
  const CellResult expected = declared("return x.view(5)", Verdict::kError, "is invalid for input");
  EXPECT_TRUE(expected.failed_as_expected);
  EXPECT_EQ(outcome(expected), Outcome::kPassed);
  EXPECT_EQ(outcome(declared("return x.view(5)", Verdict::kError, "another cause")),
            Outcome::kFailed);
  EXPECT_EQ(outcome(declared("return x.view(5)", Verdict::kMismatch, "is invalid for input")),
            Outcome::kFailed);
  const CellResult surprise = declared("return x * 2", Verdict::kError, "is invalid for input");
  EXPECT_EQ(outcome(surprise), Outcome::kFailed);
  EXPECT_EQ(surprise.message,
            "expected to fail with error: is invalid for input\nbut it matches; remove the "
            "expectation at models.cpp:7");
}

TEST(CellRun, LooksForADeclaredCauseInTheCauseAlone) {
  const auto declared = [](const std::string& body, Verdict verdict, const std::string& cause) {
    return run(twice_but(body).expect_failure(any_cell(), verdict, cause).build(),
               script_on("sim:0"))
        .failed_as_expected;
  };
  const std::string dies = "return x.to('cpu') + x.view(5)";
  EXPECT_TRUE(declared(dies, Verdict::kError, "is invalid for input"));
  for (const char* beside : {"call 1 of 3", "left sim:0", "TorchScript interpreter"}) {
    EXPECT_FALSE(declared(dies, Verdict::kError, beside)) << beside;
  }
  const std::string wrong = "return x * 3";
  EXPECT_TRUE(declared(wrong, Verdict::kMismatch, "12 of 12 elements"));
  EXPECT_FALSE(declared(wrong, Verdict::kMismatch, "the export answers alike on cpu"));
}

TEST(CellRun, GivesEachOutputItsTolerance) {
  const auto on = [](const std::string& device, const std::string& second) {
    return run(ModelBuilder("M", {"models.cpp", 7})
                   .function([](at::Tensor x) { return std::make_tuple(x * 2, x * 3); })
                   .inputs(some_input)
                   .script("def forward(self, x: Tensor):\n    return " + second + "\n")
                   .tolerance(run_on("sim:0") && at_output("output[1]"), 0, 0.02)
                   .tolerance(of_dtype(at::kDouble), 0, 1)
                   .build(),
               script_on(device))
        .verdict;
  };
  EXPECT_EQ(on("sim:0", "x * 2, x * 3 + 0.01"), Verdict::kMatch);
  EXPECT_EQ(on("sim:0", "x * 2, x * 3 + 0.03"), Verdict::kMismatch);
  EXPECT_EQ(on("sim:0", "x * 2 + 0.01, x * 3"), Verdict::kMismatch);
  EXPECT_EQ(on("sim:1", "x * 2, x * 3 + 0.01"), Verdict::kMismatch);
  EXPECT_EQ(on("cpu", "x * 2, x * 3 + 0.01"), Verdict::kMismatch);
}

TEST(CellRun, LeavesTheRulesOutWhereTheRunHasATolerance) {
  RunOptions options;
  options.tolerance = Tolerance(0, 1e-6);
  const Model model = twice_but("return x * 2 + 0.01").tolerance(any_cell(), 0, 0.1).build();
  EXPECT_EQ(run(model, script_on("cpu")).verdict, Verdict::kMatch);
  EXPECT_EQ(run(model, script_on("cpu"), options).verdict, Verdict::kMismatch);
}

TEST(CellResults, AreMadeOnceAndKept) {
  Session session({});
  const Model model = twice_but("return x * 2").build();
  Cell cell(session, model, script_on("sim:0"));
  EXPECT_EQ(cell.result().verdict, Verdict::kMatch);
  EXPECT_EQ(&cell.result(), &cell.result());
  EXPECT_TRUE(cell.findings().empty());
  EXPECT_THAT(cell.graph()->toString(), HasSubstr("aten::mul"));
}

TEST(CellLatency, IsTimedHereAndElsewhere) {
  Session session({});
  const Model model = twice_but("return x * 2").build();
  const Cell cell(session, model, script_on("sim:0"));
  EXPECT_GT(cell.latency_ms(), 0);
  EXPECT_GT(cell.latency_ms_on("cpu"), 0);
  EXPECT_THAT(
      [&] { (void)cell.latency_ms_on("xpu:0"); },
      ::testing::ThrowsMessage<std::runtime_error>(StartsWith("nothing can be timed on xpu:0: ")));
}

TEST(CellRun, MakesExportsAndReferencesOnceASession) {
  int factories = 0;
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .module([&] {
                            ++factories;
                            return torch::nn::Linear(4, 2);
                          })
                          .inputs(some_input)
                          .build();
  Session session({});
  for (const CellId& id : plan_cells(model, {"cpu", "sim:0"})) (void)Cell(session, model, id).run();
  EXPECT_EQ(factories, 3);  // The reference and two traces.
}

TEST(CellRun, TakesOutputsThatAreGivenInsteadOfAReference) {
  RunOptions options;
  options.expected = c10::IValue(at::ones({3, 4}));
  const CellResult result = run(twice_but("return x * 0 + 1").build(), script_on("cpu"), options);
  EXPECT_EQ(result.verdict, Verdict::kUntrusted);  // All ones: constant.
  options.expected = c10::IValue(at::arange(12).view({3, 4}).to(at::kFloat));
  EXPECT_EQ(run(twice_but("return x * 0 + torch.arange(12).view(3, 4)").build(), script_on("cpu"),
                options)
                .verdict,
            Verdict::kMatch);
}

}  // namespace
}  // namespace crosstrace
