// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/graph/program.h>
#include <crosstrace/graph/source.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/serialization/import.h>

#include <sstream>

#include "unit/diagnose/said.h"

namespace crosstrace {
namespace {

using torch::jit::Source;
using torch::jit::SourceRange;

/// The source of an operator whose tracer left this call stack.
NodeSource of_stack(const std::string& stack) {
  torch::jit::Graph graph;
  torch::jit::Node* node = graph.create(c10::aten::relu, {graph.addInput("x")});
  graph.insertNode(node);
  node->setSourceRange(SourceRange(std::make_shared<Source>(stack), 0, stack.size()));
  return source_of(*node);
}

TEST(Source, IsTheInnermostLineOutsideOfLibTorch) {
  const NodeSource source = of_stack(
      "/opt/python/site-packages/torch/nn/modules/rnn.py(1165): forward\n"
      "/opt/python/site-packages/torch/nn/modules/module.py(1777): _slow_forward\n"
      "/home/me/export.py(29): forward\n"
      "/home/me/export.py(60): <module>\n");
  ASSERT_TRUE(source.line);
  EXPECT_EQ(source.line->str(), "/home/me/export.py:29");
  EXPECT_EQ(source.function, "");
}

TEST(Source, IsLibTorchsLineIfAllAre) {
  EXPECT_EQ(of_stack("/x/site-packages/torch/nn/modules/rnn.py(7): forward\n").line->str(),
            "/x/site-packages/torch/nn/modules/rnn.py:7");
}

TEST(Source, TakesPathsWithParenthesesAndLinesWithoutFunction) {
  EXPECT_EQ(of_stack("/home/me (old)/net.cpp(14): Net::forward\n").line->str(),
            "/home/me (old)/net.cpp:14");
  EXPECT_EQ(of_stack("/home/me/net.cpp(14)\n").line->str(), "/home/me/net.cpp:14");
}

TEST(Source, IsAFunctionWithoutDebugInformation) {
  const NodeSource source = of_stack("Net::forward\n");
  EXPECT_FALSE(source.line);
  EXPECT_EQ(source.function, "Net::forward");
}

TEST(Source, IsNothingIfNothingIsKnown) {
  const NodeSource source = of_stack("");
  EXPECT_FALSE(source.line);
  EXPECT_EQ(source.function, "");
}

NodeSource of_first(const torch::jit::Module& module, const char* kind) {
  const Program program(module);
  NodeSource source;
  for_each_node(*program.find_method("forward")->graph->block(), [&](torch::jit::Node& node) {
    if (node.kind() == c10::Symbol::fromQualString(kind)) source = source_of(node);
  });
  return source;
}

TEST(Source, OfAScriptInCppIsItsLine) {
  const torch::jit::Module module =
      scripted("def forward(self, x: Tensor):\n    return x.relu()\n");
  EXPECT_EQ(of_first(module, "aten::relu").function, "line 2 of the script");
  std::stringstream archive;
  module.save(archive);
  const NodeSource loaded = of_first(torch::jit::load(archive), "aten::relu");
  EXPECT_FALSE(loaded.line);
  EXPECT_EQ(loaded.function, "line 2 of the script");
}

TEST(Source, OfAConstantIsWhereItIsUsed) {
  torch::jit::Graph graph;
  torch::jit::Value* constant = graph.insertConstant(at::ones({2}));
  constant->node()->setSourceRange(SourceRange());
  torch::jit::Node* node = graph.create(c10::aten::add, {graph.addInput("x"), constant, constant});
  graph.insertNode(node);
  const std::string stack = "net.cpp(3): f\n";
  node->setSourceRange(SourceRange(std::make_shared<Source>(stack), 0, stack.size()));
  EXPECT_EQ(source_of(*constant->node()).line->str(), "net.cpp:3");
}

}  // namespace
}  // namespace crosstrace
