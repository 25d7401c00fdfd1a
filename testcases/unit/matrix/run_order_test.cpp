// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/matrix/run_order.h>
#include <gmock/gmock.h>

namespace crosstrace {
namespace {

using ::testing::ElementsAre;

CellId cell(const std::string& model, const std::string& trace, Transfer transfer,
            const std::string& run) {
  return {model, ExportKind::kTrace, trace, transfer, run};
}

TEST(RunningOrder, TakesModelsExportsAndPlacesOneAfterTheOther) {
  using enum Transfer;
  const std::vector<CellId> cells = {
      cell("A", "cpu", kAsTraced, "cpu"), cell("A", "cpu", kTo, "cpu"),
      cell("A", "cpu", kLoad, "cpu"),     cell("B", "cpu", kTo, "cpu"),
      cell("A", "cpu", kTo, "sim:0"),     cell("A", "cpu", kLoad, "sim:0"),
      cell("A", "sim:0", kTo, "cpu"),     cell("A", "cpu", kTo, "sim:1")};
  EXPECT_THAT(running_order(cells), ElementsAre(0, 1, 4, 7, 2, 5, 6, 3));
}

TEST(RunningOrder, KeepsMethodsOfOnePlaceTogether) {
  std::vector<CellId> cells;
  for (const char* method : {"encode", "decode"}) {
    for (const char* device : {"cpu", "sim:0"}) {
      CellId& id = cells.emplace_back(cell("A", "cpu", Transfer::kLoad, device));
      id.method = method;
    }
  }
  EXPECT_THAT(running_order(cells), ElementsAre(0, 2, 1, 3));
}

TEST(CellsToCome, KnowsWhenTheLastOfAnExportAndOfAModelHasRun) {
  const CellId first = cell("A", "cpu", Transfer::kTo, "cpu");
  const CellId second = cell("A", "sim:0", Transfer::kTo, "cpu");
  CellsToCome to_come({first, second, second});
  to_come.count_off(first);
  EXPECT_FALSE(to_come.has_export(first));
  EXPECT_TRUE(to_come.has_export(second));
  EXPECT_TRUE(to_come.has_model("A"));
  for (int i = 0; i < 3; ++i) to_come.count_off(second);
  EXPECT_FALSE(to_come.has_export(second));
  EXPECT_FALSE(to_come.has_model("A"));
  EXPECT_FALSE(to_come.has_model("B"));
}

}  // namespace
}  // namespace crosstrace
