// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/gate.h>
#include <crosstrace/report/json.h>
#include <crosstrace/report/merge.h>
#include <crosstrace/report/read_json.h>
#include <crosstrace/report/terminal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unit/report/sample_report.h>

#include <sstream>

namespace crosstrace {
namespace {

using test::cell;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Report report_of(std::vector<CellResult> cells, const std::string& machine = "one") {
  Report report{.tool_version = "0.1.0", .libtorch_version = "2.15.0", .machine = machine};
  report.cells = std::move(cells);
  return report;
}

CellResult of_cell(Verdict verdict, const std::string& run_device = "cpu",
                   const std::string& message = "") {
  return cell("Net", "cpu", Transfer::kTo, run_device, verdict, message);
}

std::vector<std::string> verdicts(const MergedReport& merged) {
  std::vector<std::string> all;
  for (const CellResult& one : merged.report.cells) {
    all.push_back(one.id.run_device + " " + std::string(to_string(one.verdict)) +
                  (one.machine.empty() ? "" : " on " + one.machine));
  }
  return all;
}

TEST(MergeTest, KeepsEveryCellOfEveryReport) {
  const auto merged = merge_reports({{"a", report_of({of_cell(Verdict::kMatch)})},
                                     {"b", report_of({of_cell(Verdict::kMatch, "sim:0")})}});
  EXPECT_THAT(verdicts(merged), ElementsAre("cpu match", "sim:0 match"));
  EXPECT_THAT(merged.problems, IsEmpty());
  EXPECT_EQ(merged.report.machine, "one");
  EXPECT_EQ(merged.report.libtorch_version, "2.15.0");
}

TEST(MergeTest, TellsMethodsApart) {
  CellResult encode = of_cell(Verdict::kMismatch);
  encode.id.method = "encode";
  const auto merged = merge_reports({{"a", report_of({of_cell(Verdict::kMatch), encode})}});
  EXPECT_THAT(verdicts(merged), ElementsAre("cpu match", "cpu mismatch"));
}

TEST(MergeTest, TakesWhatRanForWhatWasSkippedElsewhere) {
  const auto merged =
      merge_reports({{"a", report_of({of_cell(Verdict::kSkipped, "cuda:0", "absent")}, "one")},
                     {"b", report_of({of_cell(Verdict::kMatch, "cuda:0")}, "two")},
                     {"c", report_of({of_cell(Verdict::kSkipped, "cuda:0", "absent")}, "three")}});
  EXPECT_THAT(verdicts(merged), ElementsAre("cuda:0 match"));
  EXPECT_THAT(merged.problems, IsEmpty());
}

TEST(MergeTest, TellsMachinesApartThatRanTheSame) {
  const auto merged = merge_reports({{"a", report_of({of_cell(Verdict::kMatch)}, "one")},
                                     {"b", report_of({of_cell(Verdict::kMismatch)}, "two")}});
  EXPECT_THAT(verdicts(merged), ElementsAre("cpu match on one", "cpu mismatch on two"));
  EXPECT_THAT(merged.problems, IsEmpty());
  std::ostringstream text;
  write_terminal(text, merged.report);
  EXPECT_THAT(text.str(), HasSubstr("\nNet (one)\n"));
  EXPECT_THAT(text.str(), HasSubstr("\nNet (two)\n"));
  const Report again = report_from_json(to_json(merged.report));
  EXPECT_EQ(again.cells[1].machine, "two");
}

TEST(MergeTest, ShowsWhereReportsOfOneMachineContradictEachOther) {
  const auto merged = merge_reports({{"a.json", report_of({of_cell(Verdict::kMatch)})},
                                     {"b.json", report_of({of_cell(Verdict::kMismatch)})}});
  EXPECT_THAT(verdicts(merged), ElementsAre("cpu mismatch"));
  EXPECT_THAT(
      merged.problems,
      ElementsAre("Net: trace on cpu, to, run on cpu: match in a.json, mismatch in b.json"));
  EXPECT_EQ(merged.report.cells[0].message,
            "reports disagree: match in a.json, mismatch in b.json");
}

TEST(MergeTest, CountsWhatWasRunTwiceOnce) {
  const auto merged = merge_reports(
      {{"a", report_of({of_cell(Verdict::kMatch)})}, {"b", report_of({of_cell(Verdict::kMatch)})}});
  EXPECT_THAT(merged.report.cells, SizeIs(1));
  EXPECT_THAT(merged.problems, IsEmpty());
}

TEST(MergeTest, NamesShardsThatAreMissing) {
  Report first = report_of({of_cell(Verdict::kMatch)});
  first.program = "models";
  first.shard = {0, 3};
  Report third = first;
  third.shard.index = 2;
  EXPECT_THAT(merge_reports({{"a", first}, {"c", third}}).problems,
              ElementsAre("shard 2 of 3 of models is missing"));
  Report second = first;
  second.shard.index = 1;
  EXPECT_THAT(merge_reports({{"a", first}, {"b", second}, {"c", third}}).problems, IsEmpty());
}

TEST(MergeTest, NamesShardsThatOneMachineLacksAndAnotherHas) {
  const auto shard = [](int index, const std::string& machine) {
    Report report = report_of({of_cell(Verdict::kMatch)}, machine);
    report.program = "models";
    report.shard = {index, 2};
    return report;
  };
  EXPECT_THAT(
      merge_reports({{"a", shard(0, "one")}, {"b", shard(1, "one")}, {"c", shard(0, "two")}})
          .problems,
      ElementsAre("shard 2 of 2 of models is missing on two"));
  EXPECT_THAT(merge_reports({{"a", shard(0, "one")}, {"b", shard(1, "two")}}).problems, IsEmpty())
      << "a runner for each";
}

TEST(MergeTest, NamesTheMachineOfEveryCellWhereSomeRanOnSeveral) {
  const auto report = [](const std::string& machine, Verdict on_gpu) {
    return report_of(
        {of_cell(Verdict::kMatch), of_cell(on_gpu, "cuda:0"), of_cell(Verdict::kSkipped, "cuda:1")},
        machine);
  };
  const auto merged = merge_reports(
      {{"a", report("one", Verdict::kMatch)}, {"b", report("two", Verdict::kSkipped)}});
  EXPECT_THAT(verdicts(merged),
              ElementsAre("cpu match on one", "cuda:0 match on one", "cuda:1 skipped on one",
                          "cpu match on two", "cuda:1 skipped on two"));
}

TEST(MergeTest, PutsCellsInTheOrderOfOneRun) {
  Report first = report_of({of_cell(Verdict::kMatch), of_cell(Verdict::kMatch, "sim:1")});
  Report second = report_of({of_cell(Verdict::kMatch, "sim:0")});
  first.devices = second.devices = {{"cpu"}, {"sim:0"}, {"sim:1"}};
  EXPECT_THAT(verdicts(merge_reports({{"a", first}, {"b", second}})),
              ElementsAre("cpu match", "sim:0 match", "sim:1 match"));
}

TEST(MergeTest, GivesOtherFindingsOfOneIdAnIdOfTheirOwn) {
  Report one = report_of({of_cell(Verdict::kError)});
  one.cells[0].causes = {"x-1"};
  one.findings.resize(1);
  one.findings[0].id = "x-1";
  one.findings[0].message = "here";
  Report same = one, other = one;
  same.cells[0].id.run_device = "sim:0";
  other.cells[0].id.run_device = "sim:1";
  other.findings[0].message = "there";
  const Report merged = merge_reports({{"a", one}, {"b", same}, {"c", other}}).report;
  ASSERT_THAT(merged.findings, SizeIs(2));
  EXPECT_EQ(merged.findings[1].id, "x-1-copy-2");
  EXPECT_THAT(merged.cells[1].causes, ElementsAre("x-1"));
  EXPECT_THAT(merged.cells[2].causes, ElementsAre("x-1-copy-2"));
}

TEST(MergeTest, SaysOfWhichMachineADeviceIs) {
  Report one = report_of({}, "one"), two = report_of({}, "two");
  one.devices = {{"cuda:0", DeviceState::kAbsent, "no driver", false}};
  two.devices = {{"cuda:0", DeviceState::kAvailable, "", false}};
  const Report merged = merge_reports({{"a", one}, {"b", two}}).report;
  ASSERT_THAT(merged.devices, SizeIs(2));
  EXPECT_EQ(merged.devices[0].reason, "on one: no driver");
  EXPECT_EQ(merged.devices[1].reason, "on two");
}

TEST(GateTest, PassesWhatIsAllThere) {
  const Report ledger = report_of({of_cell(Verdict::kMatch), of_cell(Verdict::kSkipped, "cuda:0")});
  EXPECT_THAT(what_vanished(ledger, ledger, {}), IsEmpty());
  EXPECT_THAT(
      what_vanished(
          ledger, report_of({of_cell(Verdict::kMismatch), of_cell(Verdict::kMatch, "cuda:0")}), {}),
      IsEmpty());
}

TEST(GateTest, NamesACellThatIsGone) {
  const Report ledger = report_of({of_cell(Verdict::kMatch), of_cell(Verdict::kSkipped, "cuda:0")});
  EXPECT_THAT(what_vanished(ledger, report_of({of_cell(Verdict::kMatch)}), {}),
              ElementsAre("gone: Net: trace on cpu, to, run on cuda:0"));
}

TEST(GateTest, NamesACellThatRanOnMoreMachines) {
  const auto on = [](const std::string& machine) {
    CellResult cell = of_cell(Verdict::kMatch);
    cell.machine = machine;
    return cell;
  };
  const Report ledger = report_of({on("one"), on("two")});
  EXPECT_THAT(what_vanished(ledger, report_of({on("three"), on("four")}), {}), IsEmpty());
  EXPECT_THAT(what_vanished(ledger, report_of({of_cell(Verdict::kMatch)}), {}),
              ElementsAre("gone: Net: trace on cpu, to, run on cpu (ran on 2 machines, now on 1)"));
}

TEST(GateTest, SaysThatNothingRan) {
  const Report ledger = report_of({of_cell(Verdict::kSkipped)});
  EXPECT_THAT(what_vanished(ledger, ledger, {}), ElementsAre("nothing ran: 1 cell, all skipped"));
}

TEST(GateTest, NamesADeviceThatRanOnceOrIsRequired) {
  const Report ran = report_of({of_cell(Verdict::kMatch), of_cell(Verdict::kMatch, "cuda:0")});
  const Report skipped =
      report_of({of_cell(Verdict::kMatch), of_cell(Verdict::kSkipped, "cuda:0")});
  EXPECT_THAT(what_vanished(ran, skipped, {}),
              ElementsAre("every cell of cuda was skipped (1 cell)"));
  EXPECT_THAT(what_vanished(skipped, skipped, {}), IsEmpty());
  EXPECT_THAT(what_vanished(skipped, skipped, {"cuda:0"}),
              ElementsAre("every cell of cuda was skipped (1 cell)"));
  EXPECT_THAT(what_vanished(skipped, skipped, {"xpu"}), ElementsAre("no cell of xpu is there"));
}

}  // namespace
}  // namespace crosstrace
