// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/export/call_stack.h>
#include <crosstrace/export/detail/debug_info.h>
#include <crosstrace/export/export.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

#include <map>
#include <sstream>

#include "unit/export/authors.h"

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Model function_model(std::function<at::Tensor(at::Tensor)> function) {
  return ModelBuilder("Authored", {"models.cpp", 1})
      .function(std::move(function))
      .inputs([] { return at::ones({3}); })
      .build();
}

/// The whole source of each node, by kind; the original of what was saved.
std::map<std::string, std::string> sources(const torch::jit::Module& module) {
  const auto graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  std::map<std::string, std::string> found;
  for (const torch::jit::Node* node : graph->nodes()) {
    torch::jit::SourceRange range = node->sourceRange();
    if (auto original = range.findSourceRangeThatGenerated()) range = *original;
    if (range.source()) found[node->kind().toQualString()] = range.text().str();
  }
  return found;
}

std::string line(int number, const std::string& function) {
  static const std::string folder =
      std::string(__FILE__).substr(0, std::string(__FILE__).rfind('/'));
  return folder + "/author.cpp(" + std::to_string(number) + "): " + function + "\n";
}

void expect_lines(at::Tensor (*forward)(const at::Tensor&), const std::string& name, int shift_line,
                  int call_line) {
  const Export made = export_model(function_model(forward), ExportKind::kTrace, "cpu");
  const std::string called = line(call_line, name + "::forward");
  auto found = sources(made.copy());
  EXPECT_EQ(found["aten::arange"], line(shift_line, "shift") + called);
  EXPECT_EQ(found["aten::add"], line(shift_line, "shift") + called);
  EXPECT_EQ(found["aten::relu"], called);
  EXPECT_EQ(found["aten::mul"], called);
  auto loaded = sources(made.load(c10::kCPU));
  EXPECT_EQ(loaded["aten::arange"], found["aten::arange"]);
  EXPECT_EQ(loaded["aten::relu"], found["aten::relu"]);
}

TEST(TraceSource, IsTheLineOfADebugBuild) {
  expect_lines(&author_o0_g::forward, "author_o0_g", author_o0_g::kShiftLine,
               author_o0_g::kCallLine);
}

TEST(TraceSource, IsTheLineOfAnOptimisedBuildWhereCallsAreInlined) {
  expect_lines(&author_o2_g::forward, "author_o2_g", author_o2_g::kShiftLine,
               author_o2_g::kCallLine);
}

TEST(TraceSource, IsTheLineOfABuildWithLittleDebugInformation) {
  expect_lines(&author_o2_g1::forward, "author_o2_g1", author_o2_g1::kShiftLine,
               author_o2_g1::kCallLine);
}

TEST(TraceSource, IsTheFunctionWithoutDebugInformation) {
  const Export made =
      export_model(function_model(&author_o2_g0::forward), ExportKind::kTrace, "cpu");
  auto found = sources(made.load(c10::kCPU));
  EXPECT_EQ(found["aten::arange"], "author_o2_g0::forward\n");
}

TEST(TraceSource, SkipsTheModulesOfLibTorch) {
  struct NetImpl : torch::nn::Module {
    NetImpl() {
      layers = register_module("layers",
                               torch::nn::Sequential(torch::nn::Linear(3, 3), torch::nn::ReLU()));
    }
    at::Tensor forward(at::Tensor x) { return layers->forward(x); }
    torch::nn::Sequential layers{nullptr};
  };
  const int line = __LINE__ - 3;
  const Model model = ModelBuilder("Net", {"models.cpp", 1})
                          .module([] { return std::make_shared<NetImpl>(); })
                          .inputs([] {
                            return at::ones({1, 3});
                          })
                          .build();
  auto found = sources(export_model(model, ExportKind::kTrace, "cpu").copy());
  EXPECT_THAT(found["aten::relu"], HasSubstr("source_test.cpp(" + std::to_string(line) + "): "));
  EXPECT_EQ(found["aten::relu"], found["aten::addmm"]);
}

TEST(TraceSource, IsNothingWhereNoAuthorWroteALine) {
  const Model model = ModelBuilder("Layer", {"models.cpp", 1})
                          .module([] { return torch::nn::Linear(3, 2); })
                          .inputs([] {
                            return at::ones({1, 3});
                          })
                          .build();
  EXPECT_THAT(sources(export_model(model, ExportKind::kTrace, "cpu").copy()), IsEmpty());
}

TEST(TraceSource, IsWhatLibTorchPrintsWhenTheExportFails) {
  torch::jit::Module module =
      export_model(function_model(&author_o2_g::forward), ExportKind::kTrace, "cpu").copy();
  try {
    module.forward({at::ones({2, 3})});
    module.forward({at::ones({5})});
    FAIL() << "5 elements and 3 were added";
  } catch (const std::exception& error) {
    EXPECT_THAT(error.what(), HasSubstr("Traceback of TorchScript (most recent call last):\n" +
                                        line(author_o2_g::kShiftLine, "shift") +
                                        line(author_o2_g::kCallLine, "author_o2_g::forward")));
  }
}

TEST(ReadableName, DropsParametersAndReturnTypes) {
  EXPECT_EQ(detail::readable_name("main"), "main");
  EXPECT_EQ(detail::readable_name("_ZN3Net7forwardEN2at6TensorE"), "Net::forward");
  EXPECT_EQ(detail::readable_name("_ZNK12_GLOBAL__N_13Net3runEi"),
            "(anonymous namespace)::Net::run");
  EXPECT_EQ(detail::readable_name("_ZN3NetptEv"), "Net::operator->");
  EXPECT_EQ(detail::readable_name("_Z3runIfEN2at6TensorERKS1_"), "run<float>");
  EXPECT_EQ(detail::readable_name("_ZZ4mainENKUlN2at6TensorEE_clES0_"),
            "main::{lambda(at::Tensor)#1}::operator()");
}

TEST(LibraryFile, IsNotTheModelsAuthors) {
  EXPECT_TRUE(is_library_file("/opt/libtorch/include/torch/csrc/api/include/torch/nn/pimpl.h"));
  EXPECT_TRUE(is_library_file("/opt/libtorch/include/ATen/core/TensorBody.h"));
  EXPECT_TRUE(is_library_file("/usr/include/c++/12/bits/std_function.h"));
  EXPECT_TRUE(is_library_file("/usr/lib/python3/site-packages/torch/nn/modules/rnn.py"));
  EXPECT_TRUE(is_library_file("/usr/include/crosstrace/models/callable.h"));
  EXPECT_TRUE(is_library_file("torch/nn/modules/rnn.py"));
  EXPECT_FALSE(is_library_file("/home/me/torch_models/net.cpp"));
  EXPECT_FALSE(is_library_file("/usr/lib/python3/site-packages/torchvision/models/resnet.py"));
  EXPECT_FALSE(is_library_file("net.cpp"));
}

}  // namespace
}  // namespace crosstrace
