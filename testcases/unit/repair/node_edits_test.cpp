// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/repair/detail/node_edits.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/irparser.h>
#include <torch/csrc/jit/testing/file_check.h>

namespace crosstrace {
namespace {

using detail::EditResult;
using torch::jit::testing::FileCheck;

/// A graph of one node to edit.
class OneNode {
 public:
  explicit OneNode(const std::string& text) {
    torch::jit::parseIR(text, graph_.get());
    node_ = graph_->outputs().front()->node();
  }
  EditResult follow(std::size_t anchor) {
    return detail::follow_anchor(*node_, anchors_, graph_->inputs()[anchor]);
  }
  const torch::jit::Graph& graph() const {
    graph_->lint();
    return *graph_;
  }

 private:
  std::shared_ptr<torch::jit::Graph> graph_ = std::make_shared<torch::jit::Graph>();
  torch::jit::Node* node_;
  detail::DeviceSources anchors_{*graph_};
};

constexpr const char* kFactory = R"(
graph(%x : Tensor, %y : Tensor):
  %n : int = prim::Constant[value=3]()
  %none : NoneType = prim::Constant()
  %cpu : Device = prim::Constant[value="cpu"]()
  %r : Tensor = aten::arange(%n, %none, %none, %cpu, %none)
  return (%r))";

TEST(FollowAnchor, GivesAFactoryTheDeviceOfTheAnchor) {
  OneNode one(kFactory);
  const EditResult result = one.follow(1);
  EXPECT_TRUE(result.done);
  EXPECT_EQ(result.text, "aten::arange makes its tensor on the device of y");
  EXPECT_EQ(result.advice, "");
  FileCheck().check("prim::device(%y)")->check("aten::arange")->run(one.graph());
  EXPECT_EQ(one.graph().outputs()[0]->node()->input(3)->node()->kind(), c10::prim::device);
}

TEST(FollowAnchor, MovesANumberForThoseThatWantATensor) {
  OneNode one(R"(
graph(%x : Tensor):
  %dim : int = prim::Constant[value=0]()
  %size : int = aten::size(%x, %dim)
  %n : Tensor = prim::NumToTensor(%size)
  %int : int = aten::Int(%n)
  %twice : Tensor = aten::mul(%n, %int)
  return (%n, %twice))");
  const EditResult result = one.follow(0);
  EXPECT_TRUE(result.done);
  EXPECT_EQ(result.text, "the number that prim::NumToTensor holds is moved to the device of x");
  FileCheck()
      .check("prim::device(%x)")
      ->check("prim::NumToTensor")
      ->check("aten::to(")
      ->check("aten::Int(")
      ->run(one.graph());
  const auto outputs = one.graph().outputs();
  EXPECT_EQ(outputs[0]->node()->kind(), c10::aten::to);
  EXPECT_EQ(outputs[1]->node()->input(0), outputs[0]);
  EXPECT_EQ(outputs[1]->node()->input(1)->node()->input()->node()->kind(), c10::prim::NumToTensor);
}

TEST(FollowAnchor, GivesOneToAFactoryThatHadNone) {
  OneNode one(R"(
graph(%x : Tensor):
  %n : int = prim::Constant[value=3]()
  %none : NoneType = prim::Constant()
  %r : Tensor = aten::arange(%n, %none, %none, %none, %none)
  return (%r))");
  EXPECT_TRUE(one.follow(0).done);
  EXPECT_EQ(one.graph().outputs()[0]->node()->input(3)->node()->kind(), c10::prim::device);
}

TEST(FollowAnchor, TakesTheDeviceFromWhatHasAnArgument) {
  OneNode one(R"(
graph(%x : Tensor):
  %none : NoneType = prim::Constant()
  %cpu : Device = prim::Constant[value="cuda:1"]()
  %r : Tensor = aten::zeros_like(%x, %none, %none, %cpu, %none, %none)
  return (%r))");
  const EditResult result = one.follow(0);
  EXPECT_EQ(result.text, "aten::zeros_like makes its tensor on the device of its argument");
  EXPECT_TRUE(one.graph().outputs()[0]->node()->input(3)->mustBeNone());
}

TEST(FollowAnchor, LetsATransferFollow) {
  OneNode one(R"(
graph(%x : Tensor, %y : Tensor):
  %f : int = prim::Constant[value=7]()
  %no : bool = prim::Constant[value=0]()
  %none : NoneType = prim::Constant()
  %cpu : Device = prim::Constant[value="cuda"]()
  %r : Tensor = aten::to(%x, %cpu, %f, %no, %no, %none)
  return (%r))");
  EXPECT_EQ(one.follow(1).text, "aten::to moves to the device of y");
  FileCheck().check("prim::device(%y)")->check("aten::to(%x, ")->run(one.graph());
}

TEST(FollowAnchor, ReplacesTransfersThatNameTheirDevice) {
  for (const std::string name : {"aten::cpu", "aten::cuda"}) {
    OneNode one("graph(%x : Tensor, %y : Tensor):\n  %r : Tensor = " + name +
                "(%x)\n  return (%r)");
    EXPECT_EQ(one.follow(1).text, name + " became aten::to, and moves to the device of y");
    FileCheck()
        .check("prim::device(%y)")
        ->check("aten::to(%x, ")
        ->check_not(name)
        ->run(one.graph());
  }
}

TEST(FollowAnchor, SaysThatThereIsNothingToFollow) {
  OneNode one(R"(
graph(%n : int):
  %none : NoneType = prim::Constant()
  %r : Tensor = aten::arange(%n, %none, %none, %none, %none)
  return (%r))");
  const EditResult result = one.follow(0);
  EXPECT_FALSE(result.done);
  EXPECT_EQ(result.text,
            "aten::arange has no tensor argument, parameter or buffer in its method to take a "
            "device from");
  EXPECT_EQ(result.advice,
            "Give the method a tensor argument, or register a buffer, and take its device.");
}

TEST(FollowAnchor, SaysThatAnOperatorTakesNoDevice) {
  OneNode one(R"(
graph(%x : Tensor):
  %r : Tensor = aten::relu(%x)
  return (%r))");
  const EditResult result = one.follow(0);
  EXPECT_FALSE(result.done);
  EXPECT_EQ(result.text, "aten::relu makes a tensor on a device of its own choice");
  EXPECT_EQ(result.advice,
            "Move its result with `.to(x.device)`, where x is a tensor that it meets.");
}

}  // namespace
}  // namespace crosstrace
