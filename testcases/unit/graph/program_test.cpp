// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/export/trace.h>
#include <crosstrace/graph/program.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/frontend/tree_views.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

torch::jit::Module child(const std::shared_ptr<torch::jit::CompilationUnit>& unit) {
  torch::jit::Module module("__torch__.Child", unit);
  module.register_parameter("weight", at::ones({2}), false);
  module.define("def forward(self, x: Tensor):\n    return x * self.weight\n");
  return module;
}

/// Two instances of one class in a module of children, called by forward; `unused` by nobody.
torch::jit::Module parent() {
  auto unit = std::make_shared<torch::jit::CompilationUnit>();
  torch::jit::Module first = child(unit);
  torch::jit::Module second = first.copy();
  torch::jit::Module layers("__torch__.Layers", unit);
  layers.register_module("first", first);
  layers.register_module("second", second);
  torch::jit::Module module("__torch__.Parent", unit);
  module.register_module("layers", layers);
  module.register_attribute("calls", c10::IntType::get(), 0);
  module.register_attribute("scale", c10::TensorType::get(), at::ones({}));
  module.register_buffer("shift", at::ones({2}));
  module.define(R"(
def helper(self, x: Tensor):
    if bool(x.sum() > 0):
        x = self.layers.second.forward(x)
    return x
def unused(self, x: Tensor):
    self.calls = self.calls + 1
    return x + 1
def forward(self, x: Tensor):
    return self.helper(self.layers.first.forward(x)) + self.shift
)");
  return module;
}

std::vector<std::string> kinds_of_calls(const Program& program) {
  std::vector<std::string> kinds;
  for (const InlinedMethod& method : program.methods()) {
    for_each_node(*method.graph->block(), [&](torch::jit::Node& node) {
      const std::string kind = node.kind().toQualString();
      if (kind.find("prim::Call") == 0) kinds.push_back(kind);
    });
  }
  return kinds;
}

std::vector<std::string> paths_of(const Program& program, const std::string& method,
                                  const char* kind) {
  std::vector<std::string> paths;
  const InlinedMethod* found = program.find_method(method);
  for_each_node(*found->graph->block(), [&](torch::jit::Node& node) {
    if (node.kind() == c10::Symbol::fromQualString(kind))
      paths.push_back(module_path(*found, node));
  });
  return paths;
}

TEST(Program, InlinesEveryMethodInItsOwnGraph) {
  const torch::jit::Module module = parent();
  const Program program(module);
  EXPECT_THAT(kinds_of_calls(program), IsEmpty());
  EXPECT_EQ(program.find_method("forward")->graph, module.get_method("forward").graph());
  EXPECT_THAT(paths_of(program, "forward", "aten::mul"),
              ElementsAre("layers.first", "layers.second"));
  EXPECT_THAT(paths_of(program, "forward", "aten::add"), ElementsAre(""));
}

TEST(Program, StaysTheSameModule) {
  torch::jit::Module module = parent();
  const at::Tensor x = at::rand({2});
  const at::Tensor expected = parent().forward({x}).toTensor();
  const Program program(module);
  EXPECT_TRUE(module.forward({x}).toTensor().equal(expected));
}

TEST(Program, ListsAGraphOnceAndSaysWhatIsCalled) {
  const Program program(parent());
  std::vector<std::string> names;
  std::vector<std::string> reached;
  for (const InlinedMethod& method : program.methods()) {
    names.push_back(method.name);
    if (method.reached) reached.push_back(method.name);
  }
  EXPECT_THAT(names, UnorderedElementsAre("helper", "unused", "forward", "layers.first.forward"));
  EXPECT_THAT(reached, UnorderedElementsAre("helper", "layers.first.forward"));
  EXPECT_EQ(program.find_method("layers.first.forward")->module_path, "layers.first");
  EXPECT_EQ(program.find_method("absent"), nullptr);
}

TEST(Program, ListsAttributes) {
  const Program program(parent());
  std::vector<std::string> parameters, buffers, plain, set;
  for (const Attribute& attribute : program.attributes()) {
    auto& kind = attribute.is_parameter ? parameters : attribute.is_buffer ? buffers : plain;
    kind.push_back(attribute.path);
    if (attribute.is_set) set.push_back(attribute.path);
  }
  EXPECT_THAT(parameters, UnorderedElementsAre("layers.first.weight", "layers.second.weight"));
  EXPECT_THAT(buffers, ElementsAre("shift"));
  EXPECT_THAT(plain, UnorderedElementsAre("calls", "scale"));
  EXPECT_THAT(set, ElementsAre("calls"));
}

TEST(Program, ListsASharedSubmoduleOnce) {
  auto unit = std::make_shared<torch::jit::CompilationUnit>();
  torch::jit::Module shared = child(unit);
  torch::jit::Module module("__torch__.Parent", unit);
  module.register_module("a", shared);
  module.register_module("b", shared);
  module.define("def forward(self, x: Tensor):\n    return self.b.forward(self.a.forward(x))\n");
  const Program program(module);
  ASSERT_EQ(program.attributes().size(), 1U);
  EXPECT_EQ(program.attributes()[0].path, "a.weight");
}

/// Instances of one class that hold different implementations of an interface.
TEST(Program, ResolvesCallsThroughInterfaces) {
  auto unit = std::make_shared<torch::jit::CompilationUnit>();
  unit->define_interface(
      c10::QualifiedName("__torch__.Layer"),
      torch::jit::ClassDef::create(
          torch::jit::SourceRange(), torch::jit::Ident::create(torch::jit::SourceRange(), "Layer"),
          torch::jit::Maybe<torch::jit::Expr>::create(torch::jit::SourceRange()),
          torch::jit::List<torch::jit::Stmt>::create(torch::jit::SourceRange(), {})),
      torch::jit::nativeResolver(), /*is_module=*/true);
  const auto interface = unit->get_interface(c10::QualifiedName("__torch__.Layer"));
  interface->addMethod(c10::FunctionSchema(
      "forward", "", {c10::Argument("self", interface), c10::Argument("x", c10::TensorType::get())},
      {c10::Argument("", c10::TensorType::get())}));
  torch::jit::Module doubling("__torch__.Doubling", unit);
  doubling.define("def forward(self, x: Tensor):\n    return x * 2\n");
  torch::jit::Module module("__torch__.Parent", unit);
  module.type()->addAttribute("layer", interface);
  module._ivalue()->setAttr("layer", doubling._ivalue());
  module.define("def forward(self, x: Tensor):\n    return self.layer.forward(x)\n");
  const Program program(module);
  EXPECT_THAT(kinds_of_calls(program), IsEmpty());
  EXPECT_THAT(paths_of(program, "forward", "aten::mul"), ElementsAre("layer"));
  EXPECT_TRUE(program.find_method("layer.forward")->reached);
}

TEST(Program, TellsTheSubmoduleOfATraceByItsParameters) {
  const EagerModel eager =
      ModelBuilder("M", {"m.cpp", 1})
          .module([] { return torch::nn::Sequential(torch::nn::Linear(2, 3), torch::nn::ReLU()); })
          .build()
          .eager();
  const Program program(trace(eager, {at::rand({1, 2})}, "M"));
  EXPECT_THAT(paths_of(program, "forward", "aten::addmm"), ElementsAre("0"));
}

}  // namespace
}  // namespace crosstrace
