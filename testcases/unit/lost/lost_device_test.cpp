// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// One run in which both simulated devices are lost, one after the other. A device stays lost to the
// end of the process, so all tests look at the same run.

#include <ATen/ATen.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/plan.h>
#include <crosstrace/models/register.h>
#include <crosstrace/report/json.h>
#include <crosstrace/report/make_report.h>
#include <crosstrace/report/terminal.h>
#include <gmock/gmock.h>
#include <torch/library.h>
#include <torch/nn/modules/linear.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "unit/lost/losing_models.h"
#include "unit/temporary_file.h"

CROSSTRACE_LOSS_OPERATORS

namespace crosstrace {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::vector<std::string> kDevices = {"cpu", "sim:0", "sim:1"};

at::Tensor some_input() { return at::randn({3, 4}); }

ModelBuilder named(const std::string& name) { return {name, {"models.cpp", 7}}; }

Model good(const std::string& name) {
  return named(name).module([] { return torch::nn::Linear(4, 2); }).inputs(some_input).build();
}

Model losing(const std::string& name, const char* op) {
  return named(name)
      .function([op](at::Tensor x) { return call_loss(op, x); })
      .inputs(some_input)
      .build();
}

/// Saved on sim:1, so that to read it as it is means to touch sim:1.
Model archive_on_sim1(const std::string& path) {
  (void)probe_devices(kDevices);
  torch::jit::Module module("M");
  module.register_parameter("weight", at::arange(1, 5, c10::Device("sim:1")).to(at::kFloat), false);
  module.define("def forward(self, x: Tensor):\n    return x * self.weight\n");
  module.save(path);
  return named("Archive").archive(path).inputs(some_input).build();
}

class LostDevice : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    file_ = new TemporaryFile("on_sim1.pt");
    models_ = new std::vector<Model>{good("Before"), losing("Neighbour", "lose_neighbour"),
                                     losing("Culprit", "lose"), good("After"),
                                     archive_on_sim1(file_->path())};
    session_ = new Session({});
    cells_ = new std::vector<CellResult>;
    for (const Model& model : *models_) {
      for (const CellId& id : plan_cells(model, kDevices))
        cells_->push_back(Cell(*session_, model, id).run());
    }
  }
  static void TearDownTestSuite() {
    delete cells_;
    delete session_;
    delete models_;
    delete file_;
  }

  static const CellResult& cell(const std::string& name) {
    for (const CellResult& result : *cells_) {
      if (result.id.name() == name) return result;
    }
    throw std::out_of_range(name);
  }

  static const Model& model(const std::string& name) {
    for (const Model& model : *models_) {
      if (model.name == name) return model;
    }
    throw std::out_of_range(name);
  }

  static std::size_t count(const std::string& model, Verdict verdict) {
    std::size_t count = 0;
    for (const CellResult& result : *cells_)
      count += result.id.model == model && result.verdict == verdict;
    return count;
  }

  static TemporaryFile* file_;
  static std::vector<Model>* models_;
  static Session* session_;
  static std::vector<CellResult>* cells_;
};

TemporaryFile* LostDevice::file_ = nullptr;
std::vector<Model>* LostDevice::models_ = nullptr;
Session* LostDevice::session_ = nullptr;
std::vector<CellResult>* LostDevice::cells_ = nullptr;

TEST_F(LostDevice, LeavesWhatRanBeforeAlone) {
  EXPECT_EQ(count("Before", Verdict::kMatch),
            21U);  // 9 pairs by 2 transfers, and as_traced thrice.
}

TEST_F(LostDevice, FailsTheCellThatLostItWithWhatItDiedOf) {
  const CellResult culprit = cell("Culprit__trace_cpu__to__sim0");
  EXPECT_EQ(culprit.verdict, Verdict::kError);
  EXPECT_THAT(
      culprit.message,
      AllOf(StartsWith("call 1 of 3: simulated device error: device-side assert triggered\n"),
            EndsWith("\nsim:0 was lost in Culprit: trace on cpu, to, run on sim:0: "
                     "simulated device error: device-side assert triggered")));
  EXPECT_THAT(culprit.causes, ::testing::IsEmpty());
}

TEST_F(LostDevice, FailsACellWhoseAnswersAreRightIfADeviceDiesOfIt) {
  const CellResult culprit = cell("Neighbour__trace_cpu__to__sim0");
  EXPECT_EQ(culprit.verdict, Verdict::kError);
  EXPECT_EQ(culprit.message,
            "sim:1 was lost in Neighbour: trace on cpu, to, run on sim:0: simulated device error: "
            "an illegal memory access was encountered");
}

TEST_F(LostDevice, BlamesOneCellForEachDevice) {
  EXPECT_EQ(count("Neighbour", Verdict::kError), 1U);
  EXPECT_EQ(count("Culprit", Verdict::kError), 1U);
}

TEST_F(LostDevice, SkipsItsLaterCellsWithTheReason) {
  const CellResult later = cell("After__trace_cpu__to__sim0");
  EXPECT_EQ(later.verdict, Verdict::kSkipped);
  EXPECT_EQ(later.message,
            "sim:0 is lost: lost in Culprit: trace on cpu, to, run on sim:0: simulated device "
            "error: device-side assert triggered");
  EXPECT_EQ(cell("After__trace_sim0__to__cpu").verdict, Verdict::kSkipped);
  EXPECT_EQ(count("After", Verdict::kSkipped), 18U);
}

TEST_F(LostDevice, LetsEverythingElseGoOn) {
  EXPECT_EQ(count("After", Verdict::kMatch), 3U);
  EXPECT_EQ(count("After", Verdict::kError), 0U);
  seed_generators(7);
  const at::Tensor first = at::randn({3});
  seed_generators(7);
  EXPECT_TRUE(at::randn({3}).equal(first));
  EXPECT_TRUE(first.pin_memory().is_pinned());
}

TEST_F(LostDevice, FailsItsLaterCellsIfItIsRequired) {
  RunOptions options;
  options.required = {"sim"};
  Session session(options);
  const CellResult result =
      Cell(session, model("After"), cell("After__trace_cpu__to__sim0").id).run();
  EXPECT_EQ(result.verdict, Verdict::kError);
  EXPECT_THAT(result.message, StartsWith("required, but sim:0 is lost: lost in Culprit: "));
}

TEST_F(LostDevice, SkipsArchivesThatLieOnIt) {
  const std::string reason =
      "sim:1 is lost: lost in Neighbour: trace on cpu, to, run on sim:0: simulated device error: "
      "an "
      "illegal memory access was encountered";
  for (const char* transfer : {"to", "load"}) {
    const CellResult result = cell("Archive__archive_sim1__" + std::string(transfer) + "__cpu");
    EXPECT_EQ(result.verdict, Verdict::kSkipped) << transfer;
    EXPECT_EQ(result.message, reason);
  }
}

TEST_F(LostDevice, LoadsAnArchiveElsewhereIfNothingOfItHasToRunThere) {
  RunOptions options;
  seed_generators(0);
  options.expected = c10::IValue(some_input() * at::arange(1, 5).to(at::kFloat));
  Session session(options);
  const CellId onto_cpu = {"Archive", ExportKind::kArchive, "sim:1", Transfer::kLoad, "cpu"};
  const CellResult result = Cell(session, model("Archive"), onto_cpu).run();
  EXPECT_EQ(result.verdict, Verdict::kMatch) << result.message;
}

TEST_F(LostDevice, IsInEveryReport) {
  const Report report = make_report(probe_devices(kDevices), {*cells_, session_->findings()});
  EXPECT_EQ(exit_code(report), 1);
  const auto devices = nlohmann::json::parse(to_json(report)).at("devices");
  EXPECT_EQ(devices[0].at("state"), "available");
  EXPECT_EQ(devices[1].at("state"), "lost");
  EXPECT_THAT(devices[1].at("reason").get<std::string>(),
              StartsWith("lost in Culprit: trace on cpu, to, run on sim:0: "));
  std::ostringstream terminal;
  write_terminal(terminal, report, Colors::kOff);
  EXPECT_THAT(terminal.str(),
              AllOf(HasSubstr("  sim:1  lost, simulated: lost in Neighbour: trace on cpu, to, run "
                              "on sim:0: simulated device error: an illegal memory access"),
                    HasSubstr(" cells: sim:0 is lost: lost in Culprit: ")));
}

}  // namespace
}  // namespace crosstrace
