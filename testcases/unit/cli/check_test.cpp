// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// The command as its users run it: real archives in, exit code and output out.

#include <ATen/ATen.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <torch/serialize.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "unit/cli/check_archives.h"
#include "unit/cli/report_cells.h"

namespace crosstrace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(Check, PassesAModelThatMoves) {
  const auto result = crosstrace("check " + archive("return x * self.weight") +
                                 " --input 'float32[2,3]' --devices cpu,sim");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("7 passed, 0 failed, 0 skipped, 0 untrusted"));
}

TEST_F(Check, FailsAModelThatDoesNot) {
  const auto result = crosstrace("check " + archive("return x + torch.arange(3, device='cpu')") +
                                 " --input 'float32[2,3]' --devices cpu,sim:0");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(
      result.output,
      HasSubstr("error: call 1 of 3: Expected all tensors to be on the same device, but found at "
                "least two devices, sim:0 and cpu!"));
}

TEST_F(Check, KeepsStandardOutputPureJson) {
  const auto result =
      crosstrace("check " + archive("return x * self.weight") +
                 " --input 'float32[2,3]' --devices cpu,xpu:0 --transfer to --json -");
  const auto report = nlohmann::json::parse(result.output);
  EXPECT_EQ(report.at("schema_version"), 1);
  EXPECT_EQ(report.at("cells").size(), 2U);
  EXPECT_EQ(report.at("cells")[0].at("verdict"), "match");
  EXPECT_EQ(report.at("cells")[1].at("message"),
            "xpu:0 is absent: this LibTorch has no part for xpu (no libtorch_xpu.so beside "
            "libtorch_cpu.so)");
  EXPECT_EQ(report.at("summary").at("skipped"), 1);
}

TEST_F(Check, WritesEveryReport) {
  const auto result =
      crosstrace("check " + archive("return x * self.weight") +
                 " --input 'float32[2,3]' --devices cpu --json '" + beside("r.json") +
                 "' --junit '" + beside("r.xml") + "' --html '" + beside("r.html") + "'");
  EXPECT_EQ(result.exit_code, 0);
  for (const char* name : {"r.json", "r.xml", "r.html"})
    EXPECT_TRUE(std::filesystem::exists(beside(name))) << name;
}

TEST_F(Check, LooksForTheFirstOperatorThatDiffersUnlessToldOtherwise) {
  const std::string called = "check " +
                             archive("return x * (2 if x.device == torch.device('cpu') else 3)") +
                             " --input 'float32[2,3]' --devices cpu,sim:0 --transfer to ";
  const auto message = [&](const std::string& options) {
    const auto report = nlohmann::json::parse(crosstrace(called + options + " --json -").output);
    const std::string repeat = report.at("cells")[1].at("repeat");
    EXPECT_EQ(repeat.find("--blame") == repeat.npos, options.empty() || options == "--blame auto");
    return report.at("cells")[1].at("message").get<std::string>();
  };
  for (const char* options : {"", "--blame auto", "--blame full"}) {
    EXPECT_THAT(message(options), HasSubstr("first differs at ")) << options;
  }
  EXPECT_THAT(message("--blame none"), Not(HasSubstr("first differs at ")));
  EXPECT_EQ(crosstrace(called + "--blame some 2>&1").exit_code, 2);
}

TEST_F(Check, SaysOfEachCellHowToRunItAgain) {
  const auto result =
      crosstrace("check " + archive("return x + torch.arange(3, device='cpu')") +
                 " --input 'float32[2,3]=0..5' --devices cpu,sim:0 --require sim --seed 7 --runs 2 "
                 "--tolerance fixed --json -");
  EXPECT_EQ(result.exit_code, 1);
  const auto report = nlohmann::json::parse(result.output);
  for (const auto& cell : report.at("cells")) {
    const std::string line = cell.at("repeat");
    ASSERT_THAT(line, testing::StartsWith("crosstrace check "));
    EXPECT_THAT(line,
                HasSubstr(" --input 'float32[2,3]=0..5' --tolerance fixed --runs 2 --seed 7 "));
    EXPECT_EQ(cell.at("run_device") == "sim:0", line.find(" --require sim:0 ") != line.npos);
    const auto again = crosstrace(line.substr(line.find(' ') + 1) + " --json -");
    const auto cells = cells_of(again);
    ASSERT_EQ(cells.size(), 1U) << line;
    for (const char* key : {"verdict", "message", "trace_device", "transfer", "run_device"}) {
      EXPECT_EQ(cells[0].at(key), cell.at(key)) << line;
    }
  }
}

TEST_F(Check, TakesNestedAndScalarInputs) {
  const auto result =
      crosstrace("check " +
                 archive("return (pair[0] + parts['a'][0]) * scale",
                         "pair: Tuple[Tensor, int], parts: Dict[str, List[Tensor]], scale: float") +
                 " --input 'tuple(float32[3],4)' --input 'dict(\"a\":list(float32[3]))' --input "
                 "0.5 --devices cpu,sim:1");
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

TEST_F(Check, LeavesAnInputOnTheCpuWhereItIsToldTo) {
  const std::string command =
      "check " +
      archive("return torch._pack_padded_sequence(x, lengths, True)[0] * self.weight",
              "x: Tensor, lengths: Tensor") +
      " --devices cpu,sim:0 --transfer to,load --input 'float32[2,6,3]' --input ";
  const auto moved = crosstrace(command + "'int64[2]=6..6'");
  EXPECT_EQ(moved.exit_code, 1) << moved.output;
  EXPECT_THAT(moved.output, HasSubstr("2 passed, 2 failed"));
  const auto stays = crosstrace(command + "'cpu(int64[2]=6..6)'");
  EXPECT_EQ(stays.exit_code, 0) << stays.output;
  EXPECT_THAT(stays.output, HasSubstr("4 passed, 0 failed"));
}

TEST_F(Check, TypesEmptyContainersAsForwardWantsThem) {
  const std::string command =
      "check " +
      archive("return x * (2 + len(names) + len(table)) + sum([len(key) for key in marks])",
              "x: Tensor, names: List[str], table: Dict[int, Tensor], marks: Dict[str, int]") +
      " --devices cpu --transfer to --input 'float32[3]' ";
  const auto empty = crosstrace(command + "--input 'list()' --input 'dict()' --input 'dict()'");
  EXPECT_EQ(empty.exit_code, 0) << empty.output;
  const auto full = crosstrace(
      command + "--input 'list(\"a\")' --input 'dict(3:float32[1])' --input 'dict(\"b\":1)'");
  EXPECT_EQ(full.exit_code, 0) << full.output;
  const auto wrong =
      crosstrace(command + "--input 'list(1)' --input 'dict()' --input 'dict()' 2>&1");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.output,
              HasSubstr("--input 'list(1)' is List[int], but forward takes names: List[str]"));
}

/// 0.001 more than on the CPU, of 900: noise of 9 times the rounding, outside of rtol and atol.
const std::string kNoisyOnSim =
    "y = x * self.weight\n    return y if x.device.type == 'cpu' else y + 0.001";

TEST_F(Check, LetsTheEvidenceDecideUnlessToldOtherwise) {
  const std::string command = "check " + archive(kNoisyOnSim) +
                              " --input 'float32[64,3]=-300..300' --devices cpu,sim:0 "
                              "--transfer to,load ";
  const auto weighed = crosstrace(command);
  EXPECT_EQ(weighed.exit_code, 0) << weighed.output;
  EXPECT_THAT(
      weighed.output,
      AllOf(HasSubstr("\nDecided by evidence\n  model: archive of cpu, to, run "
                      "on sim:0\n  model: archive of cpu, load, run on sim:0\n    output: "),
            HasSubstr(" times the rounding of Float, limit 16\n"),
            HasSubstr("4 passed, 0 failed")));
  const auto fixed = crosstrace(command + "--tolerance fixed");
  EXPECT_EQ(fixed.exit_code, 1);
  EXPECT_THAT(fixed.output, AllOf(HasSubstr("2 passed, 2 failed"), Not(HasSubstr("limit 16"))));
  EXPECT_EQ(crosstrace(command + "--rtol 1.3e-6 --atol 1e-5").exit_code, 1);
  const auto isolated = crosstrace(command + "--isolate --json -");
  const auto cell = cells_of(isolated).at(2);
  EXPECT_EQ(cell.at("run_device"), "sim:0");
  EXPECT_EQ(cell.at("verdict"), "match");
  const auto evidence = cell.at("outputs").at(0).at("evidence");
  EXPECT_EQ(evidence.at("decided_by"), "evidence");
  EXPECT_EQ(evidence.at("referee"), "float64 on cpu");
  EXPECT_GT(evidence.at("factor"), 1);
}

TEST_F(Check, RefusesAToleranceThatMakesNoSense) {
  const std::string command = "check " + archive("return x") + " --input 'float32[3]' ";
  expect_usage_error(command + "--rtol 1 --atol 1 --tolerance evidence",
                     "--rtol and --atol are fixed; leave out --tolerance evidence, or leave them "
                     "out");
  const auto unknown = crosstrace(command + "--tolerance loose 2>&1");
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.output, HasSubstr("loose"));
}

TEST_F(Check, ComparesWithAReferenceThatIsGiven) {
  const auto pickled = torch::pickle_save(at::arange(1, 4).to(at::kFloat) * 2);
  std::ofstream(beside("expected.pt"), std::ios::binary)
      .write(pickled.data(), static_cast<std::streamsize>(pickled.size()));
  const std::string command = "check " + archive("return x * self.weight") +
                              " --devices cpu --input 'float32[3]=2..2' --reference ";
  EXPECT_EQ(crosstrace(command + "'@" + beside("expected.pt") + "'").exit_code, 0);
  EXPECT_EQ(crosstrace("check " + archive("return x + self.weight") +
                       " --devices cpu --input 'float32[3]=2..2' --reference '@" +
                       beside("expected.pt") + "'")
                .exit_code,
            1);
}

TEST_F(Check, ExitsWith77IfNothingCouldRunAnd1IfItHadTo) {
  const std::string command =
      "check " + archive("return x * self.weight") + " --input 'float32[2,3]' --devices xpu:0";
  EXPECT_EQ(crosstrace(command).exit_code, 77);
  EXPECT_EQ(crosstrace(command + " --require xpu").exit_code, 1);
}

TEST_F(Check, RefusesFilesThatAreNoArchives) {
  expect_usage_error("check no_such.pt --input 1",
                     "cannot read archive no_such.pt: No such file or directory");
  std::ofstream(path()) << "garbage";
  expect_usage_error("check '" + path() + "' --input 1",
                     "cannot read archive " + path() +
                         ": it is no zip archive, or it is cut short; expected a file that "
                         "torch.jit.save wrote");
}

TEST_F(Check, RefusesATruncatedArchive) {
  archive("return x");
  std::filesystem::resize_file(path(), std::filesystem::file_size(path()) / 2);
  expect_usage_error("check '" + path() + "' --input 1",
                     "cannot read archive " + path() +
                         ": it is no zip archive, or it is cut short; expected a file that "
                         "torch.jit.save wrote");
}

TEST_F(Check, RefusesWrongArguments) {
  const std::string model = archive("return x * self.weight");
  const std::string command = "check " + model + " --input 'float32[2,3]' ";
  expect_usage_error("check " + model, path() +
                                           ": forward takes 1 arguments (x: Tensor), --input was "
                                           "given 0 times; give it once for each");
  expect_usage_error(command + "--devices gpu",
                     "--devices: 'gpu' is not a device; known are cpu, cuda, cuda:N, sim, sim:0, "
                     "sim:1, or a device that "
                     "LibTorch knows, such as mps");
  expect_usage_error(command + "--transfer by_train",
                     "unknown transfer 'by_train'; use as_traced, to or load");
  expect_usage_error(
      command + "--rtol 0.1",
      "--rtol and --atol are given together or not at all; one alone would mean 0 for the other");
  expect_usage_error(command + "--op-library no_such.so",
                     "--op-library no_such.so: no_such.so: cannot open shared object file: No such "
                     "file or directory");
  EXPECT_EQ(crosstrace(command + "--devices cpu --json no/such/folder.json 2>&1 >/dev/null").output,
            "crosstrace: cannot write no/such/folder.json: No such file or directory\n");
  EXPECT_EQ(crosstrace(command + "--runs 0 2>&1").exit_code, 2);
  EXPECT_EQ(crosstrace("chekc 2>&1").exit_code, 2);
}

TEST_F(Check, KillsACellThatHangs) {
  const auto result = crosstrace(
      "check " + archive("while bool((x == x).all()):\n        x = x + self.weight\n    return x") +
      " --input 'float32[2,3]' --devices cpu --transfer to --isolate --timeout 3 --json -");
  EXPECT_EQ(result.exit_code, 1);
  const auto cell = cells_of(result)[0];
  EXPECT_EQ(cell.at("verdict"), "timeout");
  EXPECT_EQ(cell.at("message"), "still running after 3 s; killed");
}

TEST_F(Check, GivesTheSameVerdictsInProcessesOfTheirOwn) {
  const std::string command = "check " + archive("return x + torch.arange(3, device='cpu')") +
                              " --input 'float32[2,3]' --devices cpu,sim:0 --json -";
  auto verdicts = [](const ProcessResult& result) {
    std::vector<std::string> words;
    const auto cells = cells_of(result);
    for (const auto& cell : cells) words.push_back(cell.at("verdict"));
    EXPECT_EQ(words.size(), 5) << result.output;
    return words;
  };
  EXPECT_EQ(verdicts(crosstrace(command + " --isolate")), verdicts(crosstrace(command)));
}

TEST_F(Check, NamesTheCausesOfAFailure) {
  const std::string command = "check " + archive("return x + torch.arange(3, device='cpu')") +
                              " --input 'float32[2,3]' --devices cpu,sim:0 --transfer to";
  EXPECT_THAT(crosstrace(command).output, AllOf(HasSubstr("\n    caused by "),
                                                HasSubstr("\nFindings\n  error: device-literal ")));
  for (const char* isolate : {"", " --isolate"}) {
    const auto report = nlohmann::json::parse(crosstrace(command + " --json -" + isolate).output);
    ASSERT_EQ(report.at("findings").size(), 1U) << isolate;
    EXPECT_EQ(report.at("findings")[0].at("rule"), "device-literal");
    EXPECT_TRUE(report.at("cells")[0].at("causes").empty());
    ASSERT_EQ(report.at("cells")[1].at("causes").size(), 1U);
    EXPECT_EQ(report.at("cells")[1].at("causes")[0], report.at("findings")[0].at("id"));
  }
}

TEST_F(Check, SaysOnceThatABackendIsMissingAndWhatNamesIt) {
  const auto result =
      crosstrace("check " + archive("return x + torch.zeros([3], device='mps:0').to(x.device)") +
                 " --input 'float32[2,3]' --devices cpu,sim:0 --transfer to,load");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("to, run on cpu\n"));
  const std::string message =
      "    error: call 1 of 3: aten::empty on mps: no MPS here\n    caused by ";
  EXPECT_THAT(result.output, HasSubstr("load, run on sim:0\n" + message));
  EXPECT_EQ(result.output.find(message), result.output.rfind(message)) << result.output;
}

TEST_F(Check, NamesAnUnknownOperatorAndLoadsItsLibrary) {
  ASSERT_NE(dlopen(CROSSTRACE_TEST_OPS, RTLD_NOW), nullptr) << dlerror();
  const std::string command =
      "check " + archive_of_operator("twice") + " --input 'float32[2,3]' --devices cpu,sim:0";
  expect_usage_error(command,
                     "cannot load " + path() +
                         ": operator crosstrace_test::twice is unknown; name the library that "
                         "registers 'crosstrace_test' with --op-library");
  EXPECT_EQ(crosstrace(command + " --op-library '" CROSSTRACE_TEST_OPS "'").exit_code, 0);
}

TEST_F(Check, GoesOnAfterACrash) {
  ASSERT_NE(dlopen(CROSSTRACE_TEST_OPS, RTLD_NOW), nullptr) << dlerror();
  const std::string command = "check " + archive_of_operator("crash_on_sim") +
                              " --input 'float32[2,3]' --devices cpu,sim:0 --transfer to --json - "
                              "--op-library '" CROSSTRACE_TEST_OPS "'";
  for (const char* isolate : {"", " --isolate"}) {
    const auto cells = cells_of(crosstrace(command + isolate));
    EXPECT_EQ(cells[0].at("verdict"), "match");
    EXPECT_EQ(cells[1].at("verdict"), "crashed");
    EXPECT_THAT(cells[1].at("message").get<std::string>(),
                StartsWith("call 1 of 3: crashed: SIGABRT (Aborted) in "));
  }
}

TEST_F(Check, TakesNoProcessThatLeavesForAPass) {
  ASSERT_NE(dlopen(CROSSTRACE_TEST_OPS, RTLD_NOW), nullptr) << dlerror();
  const std::string command = "check " + archive_of_operator("leave_on_sim") +
                              " --input 'float32[2,3]' --devices cpu,sim:0 --transfer to --json - "
                              "--op-library '" CROSSTRACE_TEST_OPS "'";
  for (const char* isolate : {"", " --isolate"}) {
    const auto result = crosstrace(command + isolate + " 2>/dev/null");
    EXPECT_EQ(result.exit_code, 1);
    const auto cells = cells_of(result);
    EXPECT_EQ(cells[0].at("verdict"), "match");
    EXPECT_EQ(cells[1].at("verdict"), "crashed");
    EXPECT_EQ(cells[1].at("message"), "its process ended without a result, with exit code 1");
  }
  EXPECT_EQ(crosstrace(command + " 2>&1 >/dev/null").output,
            "crosstrace: a model called exit() in the middle of a cell\n");
}

TEST_F(Check, KeepsWhatModelsPrintOutOfTheReport) {
  const auto result = crosstrace("check " + archive("print('hello')\n    return x * self.weight") +
                                 " --input 'float32[2,3]' --devices cpu --json - 2>/dev/null");
  EXPECT_EQ(nlohmann::json::parse(result.output).at("summary").at("passed"), 3);
  EXPECT_EQ(crosstrace("check '" + path() +
                       "' --input 'float32[2,3]' --devices cpu --json - 2>&1 >/dev/full")
                .exit_code,
            2);
}

TEST_F(Check, RefusesInputsOfAnotherType) {
  expect_usage_error("check " + archive("return x * self.weight") + " --input 1 --devices cpu",
                     "--input '1' is int, but forward takes x: Tensor");
}

TEST_F(Check, RefusesARequirementThatTheMatrixCannotMeet) {
  const std::string command = "check " + archive("return x * self.weight") +
                              " --input 'float32[2,3]' --devices cpu,xpu:0 --require ";
  expect_usage_error(
      command + "cuda",
      "--require: 'cuda' is required, but it is not a device of this matrix; add it with "
      "CROSSTRACE_DEVICES or --devices");
  EXPECT_EQ(crosstrace(command + "'cpu, xpu'").exit_code, 1);
}

TEST(Devices, AreShownWithTheirReasons) {
  const auto result =
      run_process("CROSSTRACE_DEVICES=cpu,xpu:0,sim:1 '" CROSSTRACE_COMMAND "' devices");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output,
            "cpu    available  \nxpu:0  absent     this LibTorch has no part for xpu (no "
            "libtorch_xpu.so beside libtorch_cpu.so)\nsim:1  "
            "available  simulated in host memory\n");
}

TEST(Devices, AreShownAsJson) {
  const auto result =
      run_process("CROSSTRACE_DEVICES=cpu,sim:1 '" CROSSTRACE_COMMAND "' devices --json");
  const auto devices = nlohmann::json::parse(result.output).at("devices");
  EXPECT_EQ(devices[0].at("state"), "available");
  EXPECT_EQ(devices[1].at("simulated"), true);
}

}  // namespace
}  // namespace crosstrace
