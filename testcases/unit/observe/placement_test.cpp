// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/ThreadLocalState.h>
#include <ATen/core/grad_mode.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/observe/placement_recorder.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/irparser.h>
#include <torch/library.h>

#include <thread>

namespace crosstrace {
namespace {

using ::testing::IsEmpty;

torch::jit::Module module_of(const std::string& body) {
  torch::jit::Module module("M");
  module.define("def forward(self, x: Tensor):\n    " + body + "\n");
  return module;
}

torch::jit::Module module_of_graph(const std::string& text) {
  torch::jit::Module module("__torch__.M");
  auto graph = std::make_shared<torch::jit::Graph>();
  torch::jit::parseIR(text.substr(text.find("graph")), graph.get());
  graph->inputs()[0]->setType(module.type());
  module.type()->addMethod(module._ivalue()->compilation_unit()->create_function(
      c10::QualifiedName(*module.type()->name(), "forward"), graph));
  return module;
}

/// Three calls on sim:0. What the optimiser folds into a constant runs in one of them.
PlacementProof record(torch::jit::Module module, at::Tensor input = at::rand({4, 3})) {
  const c10::Device device = to_device("sim:0");
  const at::NoGradGuard no_grad;
  PlacementRecorder recorder(device);
  const c10::IValue moved = move_value(input, device);
  for (int call = 0; call < 3; ++call) {
    const PlacementRecorder::Scope scope(recorder);
    (void)module.forward({moved});
  }
  return recorder.proof();
}

TEST(Placement, NamesEveryOperatorAndWhereItRan) {
  const PlacementProof proof = record(module_of("return torch.softmax(x * 2, 1)"));
  EXPECT_EQ(proof.run_device, "sim:0");
  ASSERT_EQ(proof.operators.size(), 2U);
  EXPECT_EQ(proof.operators[0].name, "aten::mul");
  EXPECT_EQ(proof.operators[0].device, "sim:0");
  EXPECT_EQ(proof.operators[0].calls, 3);
  EXPECT_EQ(proof.operators[0].sized_calls, 3);
  EXPECT_EQ(proof.operators[1].name, "aten::softmax");
  EXPECT_THAT(proof.copies, IsEmpty());
  EXPECT_EQ(proof.describe_strays(), "");
}

TEST(Placement, CountsOperatorsOfTheExportAndNotThoseInsideThem) {
  const PlacementProof proof =
      record(module_of("return torch.linear(x, x)"));  // On the CPU: addmm inside.
  ASSERT_EQ(proof.operators.size(), 1U);
  EXPECT_EQ(proof.operators[0].name, "aten::linear");
}

TEST(Placement, SaysWhichOperatorRanElsewhere) {
  const PlacementProof proof =
      record(module_of("return x + (torch.arange(3) * x.size(0)).to(x.device)"));
  EXPECT_EQ(proof.describe_strays(),
            "left sim:0: aten::arange ran on cpu (1 call); aten::mul ran on cpu (1 call)");
  ASSERT_EQ(proof.copies.size(), 1U);
  EXPECT_EQ(proof.copies[0].inside, "");
  EXPECT_EQ(proof.copies[0].from, "cpu");
  EXPECT_EQ(proof.copies[0].to, "sim:0");
}

TEST(Placement, SaysWhenDataLeavesTheDevice) {
  EXPECT_EQ(record(module_of("return x.to('cpu').to(x.device)")).describe_strays(),
            "left sim:0: copied from sim:0 to cpu (3 calls)");
}

TEST(Placement, LetsZeroDimsStayOnTheCpu) {
  const PlacementProof proof = record(module_of("return x * (torch.ones([]) + 1)"));
  EXPECT_EQ(proof.describe_strays(), "");
  EXPECT_THAT(proof.elsewhere(), IsEmpty());
}

TEST(Placement, SeesTheCopyOfAnIndex) {
  EXPECT_EQ(record(module_of("return x[torch.arange(2)]")).describe_strays(),
            "left sim:0: aten::arange ran on cpu (1 call); copied from cpu to sim:0 inside "
            "aten::index (3 calls)");
}

TEST(Placement, KnowsATensorLiteralThatIsMadeOnItsDevice) {
  EXPECT_EQ(
      record(module_of("return x + torch.tensor([1, 2, 3], device=x.device)")).describe_strays(),
      "");
  EXPECT_EQ(record(module_of("return x + torch.tensor([1, 2, 3]).to(x.device)")).describe_strays(),
            "");
}

at::Tensor there_and_back(const at::Tensor& x) { return x.cpu().mul(2).to(x.device()); }

TORCH_LIBRARY(crosstrace_placement, library) {
  library.def("there_and_back(Tensor x) -> Tensor", there_and_back);
}

TEST(Placement, SeesCopiesInsideAnOperator) {
  EXPECT_EQ(record(module_of_graph(R"IR(
graph(%self, %x : Tensor):
  %y : Tensor = crosstrace_placement::there_and_back(%x)
  return (%y))IR"))
                .describe_strays(),
            "left sim:0: copied from cpu to sim:0 inside crosstrace_placement::there_and_back (3 "
            "calls); copied from sim:0 to cpu inside crosstrace_placement::there_and_back (3 "
            "calls)");
}

TEST(Placement, GoesOnAfterAnOperatorThatThrows) {
  const c10::Device device = to_device("sim:0");
  PlacementRecorder recorder(device);
  torch::jit::Module module = module_of("return x.view(x.size(0) + 1)");
  const at::Tensor input = at::rand({4, 3}).to(device);
  for (int call = 0; call < 2; ++call) {
    const PlacementRecorder::Scope scope(recorder);
    EXPECT_ANY_THROW(module.forward({input}));
  }
  {
    const PlacementRecorder::Scope scope(recorder);
    (void)input.relu();
  }
  (void)input.sigmoid();  // Outside of every scope.
  const PlacementProof proof = recorder.proof();
  ASSERT_EQ(proof.operators.size(), 2U);
  EXPECT_EQ(proof.operators[0].name, "aten::relu");
  EXPECT_EQ(proof.operators[1].name, "aten::view");
}

TEST(Placement, FollowsWorkToOtherThreads) {
  PlacementRecorder recorder(to_device("sim:0"));
  {
    const PlacementRecorder::Scope scope(recorder);
    const at::ThreadLocalState state;  // What at::launch, and so TorchScript's fork, hands over.
    std::thread([&] {
      const at::ThreadLocalStateGuard guard(state);
      (void)at::ones({2});
    }).join();
  }
  EXPECT_EQ(recorder.proof().describe_strays(), "left sim:0: aten::ones ran on cpu (1 call)");
}

}  // namespace
}  // namespace crosstrace
