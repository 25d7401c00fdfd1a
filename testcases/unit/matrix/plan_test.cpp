// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/matrix/plan.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>

namespace crosstrace {
namespace {

Model model() {
  return ModelBuilder("M", {"models.cpp", 7}).function([](at::Tensor x) { return x; }).build();
}

TEST(Plan, PairsEveryDeviceWithEveryOther) {
  const auto cells = plan_cells(model(), {"cpu", "cuda:0", "sim:0"});
  EXPECT_EQ(cells.size(), 9U * 2U + 3U);
  EXPECT_THAT(cells, ::testing::Contains(
                         CellId{"M", ExportKind::kTrace, "cuda:0", Transfer::kLoad, "sim:0"}));
}

TEST(Plan, LeavesAsTracedToTheDiagonal) {
  for (const CellId& id : plan_cells(model(), {"cpu", "sim:0"})) {
    if (id.transfer == Transfer::kAsTraced) {
      EXPECT_EQ(id.trace_device, id.run_device);
    }
  }
}

TEST(Plan, RunsOtherTransfersWhereTheyAreAskedFor) {
  EXPECT_THAT(plan_cells(model(), {"cpu", "sim:0"}, {Transfer::kAsTraced}), ::testing::SizeIs(4));
}

TEST(Plan, HasBothExportsOfAModelWithSource) {
  const Model both = ModelBuilder("M", {"models.cpp", 7})
                         .function([](at::Tensor x) { return x; })
                         .script("...")
                         .build();
  EXPECT_THAT(plan_cells(both, {"cpu"}), ::testing::SizeIs(6));
}

TEST(Plan, GivesAnArchiveOneTraceDevice) {
  const Model archive = ModelBuilder("M", {"models.cpp", 7}).archive("no_such.pt").build();
  EXPECT_THAT(plan_cells(archive, {"cpu", "sim:0"}),
              ::testing::Each(::testing::Field(&CellId::trace_device, "unknown")));
}

TEST(Plan, RunsAnArchiveAsTracedAlsoOnTheStandInOfItsHome) {
  const Model archive = ModelBuilder("M", {"models.cpp", 7}).archive("no_such.pt").build();
  const Whereabouts found{"cuda:0", {{"cuda:0", "sim:0"}}};
  const auto cells = plan_cells(archive, {"cpu", "sim:0", "sim:1"}, {}, found);
  EXPECT_THAT(cells, ::testing::SizeIs(7));
  EXPECT_THAT(cells, ::testing::Each(::testing::Field(&CellId::trace_device, "cuda:0")));
  EXPECT_THAT(cells, ::testing::Contains(CellId{"M", ExportKind::kArchive, "cuda:0",
                                                Transfer::kAsTraced, "sim:0"}));
}

}  // namespace
}  // namespace crosstrace
