// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What calls write: nobody else sees it, and it is compared.

#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/on_cpu.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/plan.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::StartsWith;

at::Tensor some_input() { return at::randn({3, 4}); }

/// Runs all cells in one session and expects every one to match.
std::size_t expect_all_match(const Model& model, const std::vector<std::string>& devices) {
  Session session({});
  const std::vector<CellId> cells = plan_cells(model, devices);
  for (const CellId& id : cells) {
    const CellResult result = Cell(session, model, id).run();
    EXPECT_EQ(result.verdict, Verdict::kMatch) << id.describe() << ": " << result.message;
  }
  return cells.size();
}

struct RunningImpl : torch::nn::Module {
  RunningImpl() : norm(register_module("norm", torch::nn::BatchNorm1d(4))) {
    calls = register_buffer("calls", at::zeros({1}));
  }
  at::Tensor forward(at::Tensor x) {
    calls.add_(1);
    return torch::batch_norm(x, norm->weight, norm->bias, norm->running_mean, norm->running_var,
                             /*training=*/true, 0.1, 1e-5, false) *
           calls;
  }
  torch::nn::BatchNorm1d norm;
  at::Tensor calls;
};
TORCH_MODULE(Running);

TEST(State, OfATracedModuleMatchesEverywhere) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .module([] { return Running(); })
                          .inputs(some_input)
                          .inputs([] {
                            return at::randn({2, 4});
                          })
                          .build();
  EXPECT_EQ(expect_all_match(model, {"cpu", "sim:0"}), 10U);
}

TEST(State, ThatAFunctionCapturedIsSeenByNoOtherCell) {
  const at::Tensor captured = at::zeros({});
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .function([captured](at::Tensor x) { return x + captured.add_(1); })
                          .inputs(some_input)
                          .build();
  EXPECT_GT(expect_all_match(model, {"cpu"}), 0U);
  EXPECT_EQ(captured.item<float>(), 0);
  Session session({});
  const CellId load{"M", ExportKind::kTrace, "cpu", Transfer::kLoad, "cpu"};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Cell(session, model, load).run().verdict, Verdict::kMatch);
  }
}

TEST(State, NamesTheBufferThatTheExportDoesNotWrite) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .module([] { return Running(); },
                                  [](RunningImpl& running, at::Tensor x) {
                                    running.calls.add_(1);
                                    return x * 2;
                                  })
                          .script("def forward(self, x: Tensor):\n    return x * 2\n")
                          .inputs(some_input)
                          .build();
  Session session({});
  const CellResult result =
      Cell(session, model, {"M", ExportKind::kScript, "cpu", Transfer::kTo, "cpu"}).run();
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_THAT(result.message,
              StartsWith("call 1 of 3: buffer calls after call 1: 1 of 1 element (100%) differs"));
  EXPECT_EQ(
      Cell(session, model, {"M", ExportKind::kTrace, "cpu", Transfer::kTo, "sim:0"}).run().verdict,
      Verdict::kMatch);
}

TEST(State, NamesTheArgumentThatTheExportWrites) {
  const Model model =
      ModelBuilder("M", {"models.cpp", 7})
          .function([](at::Tensor x, std::vector<at::Tensor> cache) {
            cache[0].copy_(x);
            return x * 2;
          })
          .script(
              "def forward(self, x: Tensor, cache: List[Tensor]):\n    y = x * 2\n"
              "    cache[0].copy_(x)\n    x.add_(1)\n    return y\n")
          .inputs([] {
            return arguments(some_input(), std::vector<at::Tensor>{at::zeros({3, 4})});
          })
          .build();
  Session session({});
  const CellResult result =
      Cell(session, model, {"M", ExportKind::kScript, "cpu", Transfer::kTo, "sim:0"}).run();
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_THAT(result.message,
              StartsWith("call 1 of 3: argument x after call 1: 12 of 12 elements"));
  ASSERT_EQ(result.outputs.size(), 3U);
  EXPECT_EQ(result.outputs[0].path, "output");
  EXPECT_EQ(result.outputs[1].path, "argument x after call 1");
  EXPECT_EQ(result.outputs[2].path, "argument cache after call 1[0]");
  EXPECT_EQ(result.outputs[2].difference, Difference::kNone);
}

/// On the CPU `to` gives the argument itself, elsewhere a copy of it.
TEST(State, SeesAnArchiveThatWritesItsArgumentOnOneDeviceOnly) {
  torch::jit::Module writer("Writer");
  writer.define(
      "def forward(self, x: Tensor):\n    y = x.to('cpu')\n    y.add_(1)\n    return "
      "y.to(x.device)\n");
  const TemporaryFile file("writer.pt");
  writer.save(file.path());
  const Model model =
      ModelBuilder("M", {"models.cpp", 7}).archive(file.path()).inputs(some_input).build();
  Session session({});
  const CellId on_cpu{"M", ExportKind::kArchive, "cpu", Transfer::kLoad, "cpu"};
  EXPECT_EQ(Cell(session, model, on_cpu).run().verdict, Verdict::kMatch);
  const CellResult result =
      Cell(session, model, {"M", ExportKind::kArchive, "cpu", Transfer::kLoad, "sim:0"}).run();
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_THAT(result.message, StartsWith("call 1 of 3: argument x after call 1: "));
}

TEST(State, OfTheSessionIsNotHandedOut) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .function([](at::Tensor x) { return x * 2; })
                          .inputs(some_input)
                          .build();
  Session session({});
  Cell cell(session, model, {"M", ExportKind::kTrace, "cpu", Transfer::kTo, "cpu"});
  cell.reference().toTensor().zero_();
  EXPECT_EQ(cell.run().verdict, Verdict::kMatch);
}

TEST(State, OfTheProcessIsPutBack) {
  const auto dtype = at::get_default_dtype();
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .module([] {
                            c10::set_default_dtype(c10::scalarTypeToTypeMeta(at::kDouble));
                            at::globalContext().setDeterministicAlgorithms(true, true);
                            return torch::nn::Linear(4, 2);
                          })
                          .inputs([] {
                            return at::randn({3, 4}, at::kDouble);
                          })
                          .build();
  EXPECT_GT(expect_all_match(model, {"cpu", "sim:0"}), 0U);
  EXPECT_EQ(at::get_default_dtype(), dtype);
  EXPECT_FALSE(at::globalContext().deterministicAlgorithms());
}

TEST(Inputs, StayOnTheCpuInEveryCell) {
  const Model model =
      ModelBuilder("M", {"models.cpp", 7})
          .function([](at::Tensor x, at::Tensor lengths) {
            return std::get<0>(at::_pack_padded_sequence(x, lengths, true)) * 2;
          })
          .inputs([] {
            return arguments(at::randn({2, 6, 3}), on_cpu(at::tensor({6, 4}, at::kLong)));
          })
          .build();
  EXPECT_EQ(expect_all_match(model, {"cpu", "sim:0"}), 10U);
}

}  // namespace
}  // namespace crosstrace
