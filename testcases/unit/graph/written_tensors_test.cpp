// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/graph/written_tensors.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/library.h>
#include <torch/nn/module.h>

#include <string>
#include <vector>

namespace crosstrace {
namespace {

TORCH_LIBRARY(ct_written, library) {
  library.def("quietly(Tensor x) -> Tensor", [](const at::Tensor& x) { return x * 1; });
}

/// With a parameter `weight`, buffers `a`, `b` and their views, and a method forward.
class Written : public ::testing::Test {
 protected:
  Written() {
    module_.register_attribute("training", c10::BoolType::get(), false);
    module_.register_parameter("weight", at::ones({2, 2}), /*is_buffer=*/false);
    module_.register_buffer("a", at::zeros({2}));
    module_.register_buffer("b", at::zeros({2}));
    module_.register_attribute("kept", c10::ListType::ofTensors(),
                               c10::List<at::Tensor>({at::zeros({2}), at::zeros({2})}));
  }

  /// The names of what forward may write: a, b, weight, kept, arguments.
  std::vector<std::string> written_by(const std::string& body) {
    std::string source = "def forward(self, x: Tensor):\n";
    std::istringstream lines(body);
    for (std::string line; std::getline(lines, line);) source += "    " + line + "\n";
    module_.define(source);
    const WrittenTensors written(module_);
    std::vector<std::string> names;
    for (const char* name : {"a", "b", "weight"}) {
      if (written.contains(module_.attr(name).toTensor())) names.emplace_back(name);
    }
    if (written.contains(module_.attr("kept").toTensorVector()[1])) names.emplace_back("kept");
    if (written.contains_arguments()) names.emplace_back("arguments");
    return names;
  }

  using Names = std::vector<std::string>;
  const Names everything_{"a", "b", "weight", "kept", "arguments"};
  torch::jit::Module module_{"M"};
};

TEST_F(Written, AreNoneOfAModelThatWritesWhatItMade) {
  EXPECT_EQ(written_by("y = torch.matmul(x, self.weight)\n"
                       "y.add_(1).relu_()\n"
                       "return y + self.a"),
            Names());
}

TEST_F(Written, AreTheOnesThatOperatorsSayTheyWrite) {
  EXPECT_EQ(written_by("self.a.add_(1)\nreturn x + self.a + self.b"), Names{"a"});
}

TEST_F(Written, AreFollowedThroughViews) {
  EXPECT_EQ(written_by("self.weight.t()[0].unsqueeze(0).add_(1)\nreturn x"), Names{"weight"});
}

TEST_F(Written, AreFollowedThroughBranchesAndLoops) {
  EXPECT_EQ(written_by("y = self.a\n"
                       "for i in range(3):\n"
                       "    if bool(x.sum() > 0):\n"
                       "        y = self.b\n"
                       "    y.add_(1)\n"
                       "return y"),
            (Names{"a", "b"}));
}

TEST_F(Written, AreFollowedIntoLists) {
  EXPECT_EQ(written_by("self.kept[1].add_(1)\nreturn x"), Names{"kept"});
}

TEST_F(Written, AreArguments) {
  EXPECT_EQ(written_by("x.view(-1).add_(1)\nreturn x"), Names{"arguments"});
}

TEST_F(Written, AreTheStatisticsOfANormInTraining) {
  const std::string norm = "return torch.batch_norm(x, None, None, self.a, self.b, ";
  EXPECT_EQ(written_by(norm + "True, 0.1, 1e-5, False)"), (Names{"a", "b"}));
}

TEST_F(Written, AreNotTheStatisticsOfANormInUse) {
  const std::string norm = "return torch.batch_norm(x, None, None, self.a, self.b, ";
  EXPECT_EQ(written_by(norm + "False, 0.1, 1e-5, False)"), Names());
}

TEST_F(Written, AreAllThatAnOperatorFromElsewhereIsGiven) {
  module_.define("def forward(self, x: Tensor):\n    return x + self.a + self.b\n");
  const auto graph = module_.get_method("forward").graph();
  for (torch::jit::Node* node : graph->nodes()) {
    const bool reads_a =
        node->kind() == c10::prim::GetAttr && node->s(c10::attr::name) == std::string("a");
    if (!reads_a) continue;
    const torch::jit::WithInsertPoint after(node->next());
    graph->insert(c10::Symbol::fromQualString("ct_written::quietly"), {node->output()});
  }
  const WrittenTensors written(module_);
  EXPECT_TRUE(written.contains(module_.attr("a").toTensor()));
  EXPECT_FALSE(written.contains(module_.attr("b").toTensor()));
}

TEST_F(Written, AreAllWhereAnAttributeWasAssignedBefore) {
  EXPECT_EQ(written_by("self.a = x\nself.a.add_(1)\nreturn x"), everything_);
}

TEST_F(Written, AreConstantsOfAGraph) {
  module_.define("def forward(self, x: Tensor):\n    return x + 1\n");
  const auto graph = module_.get_method("forward").graph();
  const at::Tensor constant = at::zeros({2}), other = at::zeros({2});
  const torch::jit::WithInsertPoint at_start(*graph->nodes().begin());
  for (const at::Tensor& tensor : {constant, other}) {
    torch::jit::Value* value = graph->insertConstant(tensor);
    if (tensor.is_same(other)) continue;
    graph->insert(c10::aten::add_, {value, value});
  }
  const WrittenTensors written(module_);
  EXPECT_TRUE(written.contains(constant));
  EXPECT_FALSE(written.contains(other));
}

}  // namespace
}  // namespace crosstrace
