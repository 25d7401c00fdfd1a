// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// How often weights are brought to a device, how much of them is in memory, and that cells which share
// them do not see what others write.

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/plan.h>
#include <crosstrace/matrix/run.h>
#include <crosstrace/matrix/run_order.h>
#include <crosstrace/models/register.h>
#include <crosstrace/models/registry.h>
#include <gmock/gmock.h>
#include <malloc.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> kDevices = {"cpu", "sim:0", "sim:1"};
constexpr std::size_t kMiB = 1024 * 1024;

/// A layer of 64 MiB in 8 parameters, or in one.
torch::jit::Module layer(int parts) {
  torch::jit::Module module("M");
  std::string source = "def forward(self, x: Tensor):\n";
  for (int i = 0; i < parts; ++i) {
    const std::string name = "weight" + std::to_string(i);
    module.register_parameter(name, at::randn({16 * static_cast<int>(kMiB) / parts / 1024, 1024}),
                              /*is_buffer=*/false);
    source += "    x = torch.linear(x, self." + name + ")[..., :1024].sum(-1, True) + x\n";
  }
  module.define(source + "    return x\n");
  return module;
}

Model model_of(const Archive& archive) {
  return ModelBuilder("M", {"models.cpp", 7})
      .archive(archive)
      .inputs([] {
        return at::randn({2, 1024});
      })
      .build();
}

/// Bytes of anonymous memory that the process has now.
std::size_t memory_in_use() {
  malloc_trim(0);
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stoul(line.substr(8)) * 1024;
  }
  return 0;
}

/// Runs all cells in the order of `run_cells`; each has to match.
void run_all(Session& session, const Model& model, const std::vector<std::string>& devices) {
  const std::vector<CellId> cells = plan_cells(model, devices);
  for (const std::size_t i : running_order(cells)) {
    const CellResult result = Cell(session, model, cells[i]).run();
    EXPECT_EQ(result.verdict, Verdict::kMatch) << cells[i].describe() << ": " << result.message;
  }
}

class PlacedArchive : public ::testing::TestWithParam<int> {
 protected:
  PlacedArchive() { layer(GetParam()).save(file_.path()); }

  TemporaryFile file_{"model.pt"};
};

TEST_P(PlacedArchive, IsLoadedOnceForAllThatIsMovedAndOnceForEachDevice) {
  const Model model = model_of(Archive(file_.path()));
  Session session({});
  run_all(session, model, kDevices);
  EXPECT_EQ(session.placement_counts().loads, 1 + 3);
  EXPECT_EQ(session.placement_counts().moves, 2);
}

TEST_P(PlacedArchive, IsNotLoadedAgainToAskTheReferee) {
  const Model model = model_of(Archive(file_.path()));
  Session session({.tolerance_mode = ToleranceMode::kEvidence});
  const CellId id{"M", ExportKind::kArchive, "cpu", Transfer::kTo, "sim:0"};
  (void)Cell(session, model, id).run();
  const int loads = session.placement_counts().loads;
  const Referee& referee = session.referee(model, id, 0, 0);
  EXPECT_EQ(referee.why_not, "");
  EXPECT_EQ(session.placement_counts().loads, loads);
}

TEST_P(PlacedArchive, LivesTwiceAtTheMost) {
  const Model model = model_of(Archive(file_.path()));
  Session session({});
  const std::vector<CellId> cells = plan_cells(model, kDevices);
  (void)Cell(session, model, cells.front()).run();
  const std::size_t with_one = memory_in_use();
  for (const std::size_t i : running_order(cells)) {
    (void)Cell(session, model, cells[i]).run();
    EXPECT_LT(memory_in_use(), with_one + 64 * kMiB + 24 * kMiB) << cells[i].describe();
  }
  session.let_go("M");
  EXPECT_LT(memory_in_use(), with_one - 64 * kMiB + 24 * kMiB);
}

INSTANTIATE_TEST_SUITE_P(Weights, PlacedArchive, ::testing::Values(8, 1), [](const auto& info) {
  return info.param == 1 ? "InOneTensor" : "InEightTensors";
});

TEST(PlacedArchive, ThatFailsIsNotLoadedAgainToFindOutWhy) {
  const TemporaryFile file("model.pt");
  torch::jit::Module module("M");
  module.register_parameter("weight", at::randn({1024}), /*is_buffer=*/false);
  module.define("def forward(self, x: Tensor):\n    return x * self.weight\n");
  module.save(file.path());
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .archive(Archive(file.path()))
                          .inputs([] {
                            return at::randn({2, 1024});
                          })
                          .build();
  RunOptions options;
  options.expected = at::zeros({2, 1024});
  Session session(options);
  const CellId id{"M", ExportKind::kArchive, "cpu", Transfer::kLoad, "sim:0"};
  const CellResult result = Cell(session, model, id).run();
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_THAT(result.message, HasSubstr("the export answers alike on cpu"));
  EXPECT_EQ(session.placement_counts().loads, 2);  // For the cell, and at home to compare with.
  EXPECT_EQ(session.placement_counts().moves, 0);
}

struct WideImpl : torch::nn::Module {
  WideImpl() : fc(register_module("fc", torch::nn::Linear(64, 64))) {
    calls = register_buffer("calls", at::zeros({1}));
  }
  at::Tensor forward(const at::Tensor& x) {
    calls.add_(1);
    return fc(x) + calls;
  }
  torch::nn::Linear fc;
  at::Tensor calls;
};
TORCH_MODULE(Wide);

Model wide() {
  return ModelBuilder("M", {"models.cpp", 7})
      .module([] { return Wide(); })
      .inputs([] {
        return at::randn({2, 64});
      })
      .build();
}

TEST(PlacedTrace, IsMovedOnceAndLoadedOnceForEachDevice) {
  const Model model = wide();
  Session session({});
  run_all(session, model, kDevices);
  EXPECT_EQ(session.placement_counts().loads, 3 * 3);  // By trace device.
  EXPECT_EQ(session.placement_counts().moves, 3 * 2);
}

TEST(PlacedTrace, SharesWeightsAndNoState) {
  const Model model = wide();
  Session session({});
  const CellId as_traced{"M", ExportKind::kTrace, "cpu", Transfer::kAsTraced, "cpu"};
  Cell one(session, model, as_traced);
  Cell other(session, model, {"M", ExportKind::kTrace, "cpu", Transfer::kTo, "cpu"});
  const auto weight = [](Cell& cell) {
    return cell.module().attr("fc").toModule().attr("weight").toTensor();
  };
  const auto calls = [](Cell& cell) { return cell.module().attr("calls").toTensor(); };
  EXPECT_EQ(weight(one).data_ptr(), weight(other).data_ptr());
  EXPECT_NE(calls(one).data_ptr(), calls(other).data_ptr());
  for (int i = 0; i < 2; ++i) (void)one.call(one.inputs());
  (void)other.call(other.inputs());
  EXPECT_EQ(calls(one).item<float>(), 2);
  EXPECT_EQ(calls(other).item<float>(), 1);
}

/// As a test of a cell may do, behind the back of its graphs.
TEST(Placed, IsMadeAnewIfSomethingWroteUnseen) {
  const Model model = wide();
  Session session({});
  const std::vector<CellId> cells = plan_cells(model, {"cpu", "sim:0"});
  const at::NoGradGuard no_grad;
  at::Tensor expected;
  for (const CellId& id : cells) {
    Cell cell(session, model, id);
    at::Tensor weight = cell.module().attr("fc").toModule().attr("weight").toTensor();
    if (!expected.defined()) expected = weight.cpu().clone();
    EXPECT_TRUE(weight.cpu().equal(expected)) << id.describe();
    weight.add_(1);
  }
  for (const CellId& id : cells) {
    EXPECT_EQ(Cell(session, model, id).run().verdict, Verdict::kMatch) << id.describe();
  }
}

TEST(RunCells, LetsGoOfWhatNoCellNeeds) {
  const std::size_t before = memory_in_use();
  std::vector<CellId> cells;
  for (int i = 0; i < 4; ++i) {
    const Model model = ModelBuilder("Heavy" + std::to_string(i), {"models.cpp", 7})
                            .module([] { return torch::nn::Linear(4096, 2048); })
                            .inputs([] {
                              return at::randn({1, 4096});
                            })
                            .build();
    Registry::instance().add(model);
    for (CellId& id : plan_cells(model, {"cpu", "sim:0"})) cells.push_back(std::move(id));
  }
  std::size_t most = 0;
  RunEvents events;
  events.before_cell = [&](const CellId&) { most = std::max(most, memory_in_use()); };
  const MatrixResult result = run_cells({}, cells, events);
  for (const CellResult& cell : result.cells) EXPECT_EQ(cell.verdict, Verdict::kMatch);
  ASSERT_EQ(result.cells.size(), 4U * 10);
  EXPECT_EQ(result.cells[13].id.name(), cells[13].name());
  EXPECT_LT(most, before + (2 * 32 + 40) * kMiB);
}

}  // namespace
}  // namespace crosstrace
