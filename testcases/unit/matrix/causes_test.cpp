// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/matrix/causes.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kMixed = "Expected all tensors to be on the same device, but found ...";

Finding finding(const std::string& rule, const std::string& operator_name = "") {
  Finding finding;
  finding.id = rule + "-1";
  finding.rule = rule;
  finding.operator_name = operator_name;
  return finding;
}

CellResult cell(Verdict verdict, const std::string& message = "") {
  CellResult result;
  result.id = {"M", ExportKind::kTrace, "cpu", Transfer::kTo, "sim:0"};
  result.verdict = verdict;
  result.message = message;
  return result;
}

/// One finding of each kind, and a prediction that the cell fails of `device-literal-1`.
Diagnosis diagnosis() {
  Diagnosis diagnosis;
  diagnosis.findings = {finding("device-literal", "aten::arange"),
                        finding("device-branch"),
                        finding("missing-kernel"),
                        finding("baked-dtype"),
                        finding("baked-shape"),
                        finding("random", "aten::rand")};
  diagnosis.predictions[{Transfer::kTo, "sim:0"}] = {Prediction::Answer::kFails,
                                                     Verdict::kError,
                                                     {"device-literal-1"},
                                                     {{Verdict::kError, {"device-literal-1"}}}};
  return diagnosis;
}

std::vector<std::string> causes(const CellResult& result, const FirstDifference& blame = {}) {
  return causes_of(result, diagnosis(), {}, blame);
}

TEST(Causes, AreWhatThePredictionNames) {
  EXPECT_THAT(causes(cell(Verdict::kError, kMixed)), ElementsAre("device-literal-1"));
}

TEST(Causes, OfAMissingBackendAreWhatNamesIt) {
  Diagnosis diagnosis;
  diagnosis.findings = {finding("device-literal", "aten::zeros"), finding("transfer-literal")};
  diagnosis.findings[0].message = "makes its tensor on cuda:0, wherever it runs";
  diagnosis.findings[1].message = "moves to cpu, wherever it runs";
  const auto of = [&](const std::string& message) {
    return causes_of(cell(Verdict::kError, message), diagnosis, {}, {});
  };
  EXPECT_THAT(of("call 1 of 3: aten::empty on cuda: no CUDA here"),
              ElementsAre("device-literal-1"));
  EXPECT_THAT(of("call 1 of 3: aten::empty on mps: no MPS here"), IsEmpty());
  EXPECT_THAT(of("division by zero"), IsEmpty());
}

TEST(Causes, AreNotThoseOfAnotherFailureThanPredicted) {
  EXPECT_THAT(causes(cell(Verdict::kError, "division by zero")), IsEmpty());
  EXPECT_THAT(causes(cell(Verdict::kWrongDevice)), IsEmpty());
  EXPECT_THAT(causes(cell(Verdict::kMatch)), IsEmpty());
  EXPECT_THAT(causes(cell(Verdict::kSkipped)), IsEmpty());
}

TEST(Causes, OfWhatAScriptRaisesAreTheBranchThatRaises) {
  Diagnosis diagnosis;
  diagnosis.findings = {finding("stranded-attribute"), finding("device-branch")};
  diagnosis.predictions[{Transfer::kTo, "sim:0"}] = {
      Prediction::Answer::kFails, Verdict::kError, {"stranded-attribute-1", "device-branch-1"}};
  CellResult raised = cell(Verdict::kError, "call 1 of 3: ValueError: move it");
  EXPECT_THAT(causes_of(raised, diagnosis, {}, {}), IsEmpty());
  raised.raised = true;
  EXPECT_THAT(causes_of(raised, diagnosis, {}, {}), ElementsAre("device-branch-1"));
  diagnosis.predictions.clear();
  EXPECT_THAT(causes_of(raised, diagnosis, {}, {}), IsEmpty());
}

TEST(Explain, NamesTheBranchOnDevicesThatRaises) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .script(
                              "def forward(self, x: Tensor) -> Tensor:\n"
                              "    assert x.device.type == 'cpu', 'ask the author'\n"
                              "    return x * 2\n")
                          .inputs([] {
                            return at::randn({3, 4});
                          })
                          .build();
  Session session({});
  const CellResult result =
      Cell(session, model, {"M", ExportKind::kScript, "cpu", Transfer::kTo, "sim:0"}).run();
  EXPECT_EQ(result.verdict, Verdict::kError);
  EXPECT_THAT(result.message, StartsWith("call 1 of 3: AssertionError: ask the author\n"));
  EXPECT_THAT(result.causes, ElementsAre("M__script_cpu__device-branch-1"));
}

TEST(Causes, AreOfAMayThatCameTrueWhateverWasSurer) {
  Diagnosis diagnosis;
  diagnosis.findings = {finding("device-literal"), finding("implicit-cpu")};
  diagnosis.predictions[{Transfer::kTo, "sim:0"}] = {
      Prediction::Answer::kFails,
      Verdict::kWrongDevice,
      {"device-literal-1", "implicit-cpu-1"},
      {{Verdict::kError, {"implicit-cpu-1"}}, {Verdict::kWrongDevice, {"device-literal-1"}}}};
  const auto of = [&](const CellResult& result) { return causes_of(result, diagnosis, {}, {}); };
  EXPECT_THAT(of(cell(Verdict::kError, kMixed)), ElementsAre("implicit-cpu-1"));
  EXPECT_THAT(of(cell(Verdict::kWrongDevice)), ElementsAre("device-literal-1"));
  EXPECT_THAT(of(cell(Verdict::kMismatch)), IsEmpty());
}

// It says where there is one: "it runs on the CPU only".
TEST(Causes, OfAMissingKernelAreNoDevices) {
  EXPECT_THAT(causes(cell(Verdict::kError,
                          "Could not run 'quantized::linear_dynamic' with arguments from the 'sim' "
                          "backend. It has no CUDA kernel: it runs on the CPU only.")),
              ElementsAre("missing-kernel-1"));
}

TEST(Causes, FitTheVerdict) {
  EXPECT_THAT(causes(cell(Verdict::kMismatch)), ElementsAre("device-branch-1", "random-1"));
  EXPECT_THAT(causes(cell(Verdict::kWrongShape)), ElementsAre("device-branch-1", "baked-shape-1"));
  EXPECT_THAT(causes(cell(Verdict::kWrongDtype)), ElementsAre("device-branch-1", "baked-dtype-1"));
  EXPECT_THAT(causes(cell(Verdict::kError, "shape '[5]' is invalid for input of size 12")),
              ElementsAre("baked-shape-1"));
  EXPECT_THAT(causes(cell(Verdict::kError, "Could not run 'aten::histc' with arguments from")),
              ElementsAre("missing-kernel-1"));
}

TEST(Causes, IncludeTheFindingAtTheOperatorThatIsToBlame) {
  FirstDifference blame;
  blame.kind = FirstDifference::Kind::kNode;
  blame.operator_name = "aten::arange";
  EXPECT_THAT(causes(cell(Verdict::kWrongDevice), blame), ElementsAre("device-literal-1"));
  blame.source = SourceLocation{"model.cpp", 3};  // The finding has no line: it is another one.
  EXPECT_THAT(causes(cell(Verdict::kWrongDevice), blame), IsEmpty());
}

TEST(Causes, IncludeDifferencesOfTraces) {
  EXPECT_THAT(causes_of(cell(Verdict::kMismatch), {}, {finding("device-branch")}, {}),
              ElementsAre("device-branch-1"));
}

Model arange_model() {
  return ModelBuilder("M", {"models.cpp", 7})
      .function([](at::Tensor x) { return x + at::arange(4, x.options()); })
      .inputs([] {
        return at::randn({3, 4});
      })
      .build();
}

TEST(Explain, DiagnosesOnceAnExportOfWhichACellFails) {
  const Model model = arange_model();
  Session session({});
  CellId id{"M", ExportKind::kTrace, "cpu", Transfer::kTo, "cpu"};
  EXPECT_THAT(Cell(session, model, id).run().causes, IsEmpty());
  EXPECT_THAT(session.findings(), IsEmpty());
  id.run_device = "sim:0";
  const CellResult by_to = Cell(session, model, id).run();
  EXPECT_THAT(by_to.causes, ElementsAre("M__trace_cpu__device-literal-1"));
  const std::size_t findings = session.findings().size();
  id.transfer = Transfer::kLoad;
  EXPECT_EQ(Cell(session, model, id).run().causes, by_to.causes);
  EXPECT_EQ(session.findings().size(), findings);
}

TEST(Explain, NamesTheOperatorThatLeftTheDevice) {
  const Model model =
      ModelBuilder("M", {"models.cpp", 7})
          .function([](at::Tensor x) { return x.relu().to(x.device(), at::kDouble).neg(); })
          .inputs([] {
            return at::randn({3, 4});
          })
          .build();
  Session session({});
  const CellResult result =
      Cell(session, model, {"M", ExportKind::kTrace, "cpu", Transfer::kTo, "sim:0"}).run();
  EXPECT_EQ(result.verdict, Verdict::kWrongDevice);
  EXPECT_THAT(result.message, HasSubstr("\nfirst on the wrong device at aten::to ("));
  EXPECT_THAT(result.causes, ElementsAre(StartsWith("M__trace_cpu__transfer-literal-")));
}

TEST(Explain, SaysWhichOperatorLeftTheRunDeviceOfAMatch) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .function([](at::Tensor x) { return x * 2; })
                          .inputs([] {
                            return at::randn({3, 4});
                          })
                          .script(
                              "def forward(self, x: Tensor):\n    return (x.to('cpu') * "
                              "2).to(x.device)\n")
                          .build();
  Session session({});
  const CellResult result =
      Cell(session, model, {"M", ExportKind::kScript, "cpu", Transfer::kTo, "sim:0"}).run();
  EXPECT_EQ(result.verdict, Verdict::kMatch);
  EXPECT_EQ(result.message,
            "left sim:0: aten::mul ran on cpu (3 calls); copied from sim:0 to cpu (3 calls)");
  EXPECT_EQ(outcome(result), Outcome::kPassed);
}

}  // namespace
}  // namespace crosstrace
