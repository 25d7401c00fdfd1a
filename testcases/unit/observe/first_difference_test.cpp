// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/observe/first_difference.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/irparser.h>
#include <torch/library.h>
#include <torch/nn/module.h>

namespace crosstrace {
namespace {

using ::testing::StartsWith;

at::Tensor right(const at::Tensor& x) { return x * 2; }
int calls_of_wrong = 0;
at::Tensor wrong(const at::Tensor& x) {
  ++calls_of_wrong;
  return x * 2 + (x > 0.5).to(x.scalar_type());
}
at::Tensor& wrong_in_place(at::Tensor& x) { return x.add_(1); }
at::Tensor& right_in_place(at::Tensor& x) { return x.mul_(1); }

/// `ct_blame::twice` answers wrongly on the simulated device, for elements greater than 0.5.
TORCH_LIBRARY(ct_blame, library) {
  library.def("twice(Tensor x) -> Tensor");
  library.def("touch_(Tensor(a!) x) -> Tensor(a!)");
  library.impl("twice", c10::DispatchKey::CPU, right);
  library.impl("twice", c10::DispatchKey::PrivateUse1, wrong);
  library.impl("touch_", c10::DispatchKey::CPU, right_in_place);
  library.impl("touch_", c10::DispatchKey::PrivateUse1, wrong_in_place);
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

torch::jit::Module module_of(const std::string& body) {
  torch::jit::Module module("M");
  module.define("def forward(self, x: Tensor):\n    " + body + "\n");
  return module;
}

DifferenceSide side(const torch::jit::Module& module, std::vector<c10::IValue> inputs,
                    const std::string& device) {
  DifferenceSide side;
  side.module = [=] {
    torch::jit::Module copy = module.deepcopy();
    move_module(copy, to_device(device));
    return copy;
  };
  for (const c10::IValue& input : inputs)
    side.inputs.push_back(move_value(input, to_device(device)));
  return side;
}

FirstDifference blame(const torch::jit::Module& module, const std::vector<c10::IValue>& inputs,
                      DifferenceOptions options = {}) {
  options.run_device = "sim:0";
  return find_first_difference(side(module, inputs, "cpu"), side(module, inputs, "sim:0"), options);
}

at::Tensor some_input() { return at::arange(1, 13).to(at::kFloat).view({3, 4}) / 12; }

TEST(FirstDifference, NamesTheFirstOperatorThatDiffers) {
  const FirstDifference found = blame(module_of_graph(R"(
graph(%self, %x : Tensor):
  %0 : int = prim::Constant[value=0]()
  %n : NoneType = prim::Constant()
  %a : Tensor = aten::relu(%x)
  %b : Tensor = aten::sigmoid(%a)
  %c : Tensor = ct_blame::twice(%b)
  %d : Tensor = aten::tanh(%c)
  %e : Tensor = aten::softmax(%d, %0, %n)
  return (%e))"),
                                      {some_input()});
  EXPECT_EQ(found.kind, FirstDifference::Kind::kNode);
  EXPECT_EQ(found.operator_name, "ct_blame::twice");
  EXPECT_EQ(found.message,
            "first differs at ct_blame::twice, output: 12 of 12 elements (100%) differ by more "
            "than rtol 1.3e-06, atol 1e-05 (Float [3, 4] on sim:0)");
}

TEST(FirstDifference, GoesBackToTheFirstOfSeveral) {
  const FirstDifference found = blame(module_of_graph(R"(
graph(%self, %x : Tensor):
  %1 : int = prim::Constant[value=1]()
  %a : Tensor = aten::sigmoid(%x)
  %b : Tensor = ct_blame::twice(%a)
  %c : Tensor = aten::relu(%x)
  %d : Tensor = aten::tanh(%c)
  %e : Tensor = aten::add(%d, %b, %1)
  %f : Tensor = ct_blame::twice(%e)
  %g : Tensor = aten::neg(%f)
  return (%g))"),
                                      {some_input() * 0 + 0.4});
  EXPECT_EQ(found.operator_name, "ct_blame::twice");
  EXPECT_THAT(found.message, StartsWith("first differs at ct_blame::twice, output: 12 of 12 "));
}

TEST(FirstDifference, TakesManyInputsAndOutputs) {
  c10::List<at::Tensor> list;
  list.push_back(some_input());
  c10::Dict<std::string, at::Tensor> dict;
  dict.insert("k", some_input());
  const auto pair = c10::ivalue::Tuple::create(some_input(), some_input());
  const FirstDifference found = blame(module_of_graph(R"(
graph(%self, %list : Tensor[], %dict : Dict(str, Tensor), %pair : (Tensor, Tensor)):
  %0 : int = prim::Constant[value=0]()
  %1 : int = prim::Constant[value=1]()
  %k : str = prim::Constant[value="k"]()
  %a : Tensor = aten::__getitem__(%list, %0)
  %b : Tensor = aten::__getitem__(%dict, %k)
  %c : Tensor, %d : Tensor = prim::TupleUnpack(%pair)
  %e : Tensor = aten::add(%a, %b, %1)
  %f : Tensor = ct_blame::twice(%c)
  %g : Tensor = aten::mul(%d, %e)
  %h : Tensor[] = prim::ListConstruct(%g, %f)
  %r : (Tensor, Tensor[]) = prim::TupleConstruct(%e, %h)
  return (%r))"),
                                      {list, dict, pair});
  EXPECT_EQ(found.operator_name, "ct_blame::twice");
}

TEST(FirstDifference, SeesAnOperatorThatWritesInPlace) {
  const FirstDifference found = blame(module_of_graph(R"(
graph(%self, %x : Tensor):
  %a : Tensor = aten::sigmoid(%x)
  %b : Tensor = aten::relu(%a)
  %c : Tensor = ct_blame::touch_(%a)
  %d : Tensor = aten::tanh(%b)
  %e : Tensor = aten::mul(%d, %a)
  return (%e))"),
                                      {some_input()});
  EXPECT_EQ(found.operator_name, "ct_blame::touch_");
}

TEST(FirstDifference, LooksIntoTheBranchThatIsTaken) {
  const FirstDifference found = blame(module_of_graph(R"(
graph(%self, %x : Tensor):
  %0 : int = prim::Constant[value=0]()
  %1 : int = prim::Constant[value=1]()
  %n : int = aten::dim(%x)
  %t : bool = aten::gt(%n, %1)
  %a : Tensor = aten::sigmoid(%x)
  %b : Tensor = prim::If(%t)
    block0():
      %c : Tensor = aten::tanh(%a)
      %d : Tensor = ct_blame::twice(%c)
      %e : Tensor = aten::neg(%d)
      -> (%e)
    block1():
      -> (%a)
  %f : Tensor = aten::relu(%b)
  %g : Tensor = aten::add(%f, %b, %1)
  return (%g))"),
                                      {some_input()});
  EXPECT_EQ(found.operator_name, "ct_blame::twice");
}

TEST(FirstDifference, CountsALoopAsOneOperator) {
  const FirstDifference found = blame(module_of_graph(R"(
graph(%self, %x : Tensor):
  %3 : int = prim::Constant[value=3]()
  %t : bool = prim::Constant[value=1]()
  %a : Tensor = prim::Loop(%3, %t, %x)
    block0(%i : int, %y : Tensor):
      %b : Tensor = ct_blame::twice(%y)
      -> (%t, %b)
  %c : Tensor = aten::tanh(%a)
  return (%c))"),
                                      {some_input()});
  EXPECT_EQ(found.operator_name, "prim::Loop");
}

TEST(FirstDifference, DrawsTheSameNumbersInEveryBeginning) {
  const FirstDifference found = blame(module_of_graph(R"(
graph(%self, %x : Tensor):
  %n : NoneType = prim::Constant()
  %1 : int = prim::Constant[value=1]()
  %unused : Tensor = aten::rand_like(%x, %n, %n, %n, %n, %n)
  %a : Tensor = aten::rand_like(%x, %n, %n, %n, %n, %n)
  %b : Tensor = aten::add(%x, %a, %1)
  %c : Tensor = ct_blame::twice(%b)
  return (%c))"),
                                      {some_input()});
  EXPECT_EQ(found.operator_name, "ct_blame::twice");
}

TEST(FirstDifference, MakesAModelWithStateAnewForEveryRun) {
  torch::jit::Module counter("M");
  counter.register_buffer("calls", at::zeros({1}));
  counter.define(
      "def forward(self, x: Tensor):\n    self.calls.add_(1)\n    y = torch.sigmoid(x) * "
      "self.calls\n    return y.to('cpu') + 1\n");
  DifferenceOptions options;
  options.search = DifferenceOptions::Search::kWrongDevice;
  const FirstDifference found = blame(counter, {some_input()}, options);
  EXPECT_EQ(found.message, "first on the wrong device at aten::to, output is on cpu");
  const FirstDifference same = blame(counter, {some_input()});
  EXPECT_EQ(same.kind, FirstDifference::Kind::kState);
  EXPECT_EQ(same.message,
            "the first call is right; forward writes into its module, so later ones differ");
}

TEST(FirstDifference, FindsTheFirstOperatorOnTheWrongDevice) {
  DifferenceOptions options;
  options.search = DifferenceOptions::Search::kWrongDevice;
  const FirstDifference found =
      blame(module_of("y = x.relu()\n    z = torch.arange(3) + 1\n    return [y, z.neg()]"),
            {some_input()}, options);
  EXPECT_EQ(found.kind, FirstDifference::Kind::kNode);
  EXPECT_EQ(found.message, "first on the wrong device at aten::arange, output is on cpu");
}

TEST(FirstDifference, CountsZeroDimsOnlyWhereNothingElseIsWrong) {
  DifferenceOptions options;
  options.search = DifferenceOptions::Search::kWrongDevice;
  const FirstDifference found =
      blame(module_of("return torch.ones([]) * 2"), {some_input()}, options);
  EXPECT_EQ(found.message, "first on the wrong device at aten::ones, output is on cpu");
}

TEST(FirstDifference, NamesAnAttributeThatStayedBehind) {
  torch::jit::Module module("M");
  module.register_attribute("scale", c10::TensorType::get(), at::ones({4}));
  module.define("def forward(self, x: Tensor):\n    return [x.relu(), self.scale.neg()]\n");
  DifferenceOptions options;
  options.search = DifferenceOptions::Search::kWrongDevice;
  EXPECT_EQ(blame(module, {some_input()}, options).message,
            "first on the wrong device at prim::GetAttr of scale, output is on cpu");
}

TEST(FirstDifference, SaysWhenThePlainInterpreterIsRight) {
  const FirstDifference found = blame(module_of("return x * 2"), {some_input()});
  EXPECT_EQ(found.kind, FirstDifference::Kind::kOptimiser);
  EXPECT_EQ(found.message,
            "not reproduced by TorchScript's plain interpreter: its optimiser or a fuser did it");
}

TEST(FirstDifference, SaysWhenTheExportIsNotTheModel) {
  DifferenceOptions options;
  options.expected = c10::IValue(some_input() * 3);
  const FirstDifference found = blame(module_of("return x * 2"), {some_input()}, options);
  EXPECT_EQ(found.kind, FirstDifference::Kind::kExport);
  EXPECT_EQ(found.message,
            "the export answers alike on cpu, so it is the export that differs from the model, and "
            "not the device; compare its traces of other devices and input sizes");
}

TEST(FirstDifference, UsesTheToleranceThatIsGiven) {
  DifferenceOptions options;
  options.tolerance = Tolerance(0, 10);
  const FirstDifference found = blame(module_of_graph(R"(
graph(%self, %x : Tensor):
  %a : Tensor = ct_blame::twice(%x)
  return (%a))"),
                                      {some_input()}, options);
  EXPECT_EQ(found.kind, FirstDifference::Kind::kOptimiser);
}

TEST(FirstDifference, SaysHowFarItCameWhereItsTimeIsOver) {
  const torch::jit::Module module = module_of_graph(R"IR(
graph(%self, %x : Tensor):
  %y : Tensor = ct_blame::twice(%x)
  %z : Tensor = aten::cos(%y)
  %w : Tensor = aten::sin(%z)
  return (%w))IR");
  DifferenceOptions options;
  options.run_device = "sim:0";
  options.limit = std::chrono::seconds(0);
  const at::Tensor x = at::ones({8});
  const auto stopped =
      find_first_difference(side(module, {x}, "cpu"), side(module, {x}, "sim:0"), options);
  EXPECT_EQ(stopped.kind, FirstDifference::Kind::kStopped);
  EXPECT_EQ(stopped.operator_name, "aten::sin");
  EXPECT_THAT(stopped.message, StartsWith("first differs at aten::sin"));
  EXPECT_THAT(stopped.message,
              ::testing::ContainsRegex("or before it; the search stopped after .* s, --blame full "
                                       "goes on"));
}

TEST(FirstDifference, CallsOnceForAllOperandsOfAnOperator) {
  std::string text = "graph(%self, %x : Tensor):\n";
  std::string list;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "%y" + std::to_string(i);
    text += "  " + name + " : Tensor = aten::sin(%x)\n";
    list += name + ", ";
  }
  const torch::jit::Module module = module_of_graph(
      text + "  %y : Tensor = ct_blame::twice(%x)\n  %list : Tensor[] = prim::ListConstruct(" +
      list + "%y)\n  %dim : int = prim::Constant[value=0]()\n" +
      "  %all : Tensor = aten::cat(%list, %dim)\n  return (%all)");
  calls_of_wrong = 0;
  const at::Tensor x = at::ones({8});
  DifferenceOptions options;
  options.run_device = "sim:0";
  const auto found =
      find_first_difference(side(module, {x}, "cpu"), side(module, {x}, "sim:0"), options);
  EXPECT_EQ(found.operator_name, "ct_blame::twice");
  EXPECT_LT(calls_of_wrong, 20);
}

}  // namespace
}  // namespace crosstrace
