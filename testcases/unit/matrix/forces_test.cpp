// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Models that differentiate inside forward. The suite `force_models` has them in every cell.

#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/plan.h>
#include <crosstrace/models/register.h>
#include <forces/force_models.h>
#include <gmock/gmock.h>

#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Forces of springs, of which LibTorch's tracer can record the backward pass.
Model springs() {
  return ModelBuilder("Springs", {"springs.cpp", 1})
      .function([](torch::Tensor pos) {
        pos = pos.detach().requires_grad_(true);
        const torch::Tensor energy = (pos.unsqueeze(0) - pos.unsqueeze(1)).square().sum();
        return -torch::autograd::grad({energy}, {pos})[0];
      })
      .inputs([] { return forces::positions(); })
      .build();
}

Model nequip(const std::string& nodes) {
  return ModelBuilder("Nequip", {"nequip.cpp", 1})
      .module([] { return forces::NequipLike(); })
      .script(forces::nequip_script(nodes))
      .inputs([] { return arguments(forces::positions(), forces::edges()); })
      .build();
}

const std::string kOnItsDevice =
    "torch.zeros([pos.size(0), 8], dtype=pos.dtype, device=pos.device)";

std::vector<CellResult> run_all(const Model& model) {
  Session session({});
  std::vector<CellResult> results;
  for (const CellId& id : plan_cells(model, {"cpu", "sim:0"})) {
    results.push_back(Cell(session, model, id).run());
  }
  return results;
}

TEST(Forces, OfAScriptMatchInEveryCell) {
  int scripts = 0;
  for (const CellResult& result : run_all(nequip(kOnItsDevice))) {
    if (result.id.export_kind != ExportKind::kScript) continue;
    EXPECT_EQ(result.verdict, Verdict::kMatch) << result.id.describe() << ": " << result.message;
    ++scripts;
  }
  EXPECT_EQ(scripts, 10);
}

TEST(Forces, ThatCannotBeTracedSaySoInOneSentence) {
  for (const std::string device : {"cpu", "sim:0"}) {
    const Model model = nequip(kOnItsDevice);
    Session session({});
    const CellResult result =
        Cell(session, model, {"Nequip", ExportKind::kTrace, device, Transfer::kTo, "cpu"}).run();
    EXPECT_EQ(result.verdict, Verdict::kError);
    EXPECT_EQ(
        result.message,
        "trace on " + device +
            " failed: forward differentiates, and LibTorch's tracer cannot record its backward "
            "pass; give the model as .script(...), or as an archive of torch.jit.script\n"
            "registered at nequip.cpp:1");
  }
}

TEST(Forces, AreNoConstantsInATrace) {
  const Model model = springs();
  for (const std::string device : {"cpu", "sim:0"}) {
    torch::jit::Module traced = export_model(model, ExportKind::kTrace, device).load(c10::kCPU);
    const at::Tensor there = forces::positions(), elsewhere = there * there;
    const auto expected = [&](const at::Tensor& at) {
      return -4 * (at * at.size(0) - at.sum(0, /*keepdim=*/true));
    };
    for (const at::Tensor& at : {there, elsewhere}) {
      const at::Tensor found = traced.forward({at}).toTensor();
      EXPECT_TRUE(at::allclose(found, expected(at), 1e-4, 1e-4)) << device << '\n' << found;
    }
  }
  for (const CellResult& result : run_all(model)) {
    EXPECT_EQ(result.verdict, Verdict::kMatch) << result.id.describe() << ": " << result.message;
  }
}

TEST(Forces, ThatAreTiedToADeviceFailWithTheirCause) {
  const Model model = nequip("torch.zeros([pos.size(0), 8])");
  Session session({});
  const CellResult result =
      Cell(session, model, {"Nequip", ExportKind::kScript, "cpu", Transfer::kTo, "sim:0"}).run();
  EXPECT_EQ(result.verdict, Verdict::kError);
  EXPECT_THAT(result.message, HasSubstr("same device"));
  EXPECT_THAT(result.causes, ::testing::ElementsAre(HasSubstr("implicit-cpu")));
}

/// An input may ask for its own gradient.
TEST(Forces, OfAnInputThatRequiresGrad) {
  const Model model = ModelBuilder("Pull", {"pull.cpp", 1})
                          .script(
                              "def forward(self, x: Tensor) -> Tensor:\n"
                              "    found = torch.autograd.grad([(x * x * x).sum()], [x])[0]\n"
                              "    assert found is not None\n    return found\n")
                          .inputs([] { return torch::randn({3}).requires_grad_(); })
                          .build();
  for (const CellResult& result : run_all(model)) {
    EXPECT_EQ(result.verdict, Verdict::kMatch) << result.id.describe() << ": " << result.message;
  }
}

TEST(Forces, LeaveAutogradOffElsewhere) {
  const Model model = ModelBuilder("Plain", {"plain.cpp", 1})
                          .module([] { return torch::nn::Linear(3, 2); })
                          .script(
                              "def forward(self, x: Tensor) -> Tuple[Tensor, bool]:\n"
                              "    y = torch.linear(x, self.weight, self.bias)\n"
                              "    return y, y.requires_grad\n"
                              "def pull(self, x: Tensor) -> Tensor:\n"
                              "    x.sum().backward()\n    return x\n")
                          .inputs([] {
                            return torch::randn({4, 3});
                          })
                          .build();
  Session session({});
  Cell cell(session, model, {"Plain", ExportKind::kScript, "cpu", Transfer::kTo, "cpu"});
  EXPECT_FALSE(cell.call(cell.inputs()).toTupleRef().elements()[1].toBool());
}

}  // namespace
}  // namespace crosstrace
