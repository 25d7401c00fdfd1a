// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/repair/detail/device_source.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/irparser.h>

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::shared_ptr<torch::jit::Graph> parse(const std::string& text) {
  auto graph = std::make_shared<torch::jit::Graph>();
  torch::jit::parseIR(text, graph.get());
  return graph;
}

TEST(DeviceSources, ReadTheDeviceOfTheValueWantedOnce) {
  const auto graph = parse(R"(
graph(%x : Tensor, %y.1 : Tensor):
  %1 : Tensor = aten::relu(%x)
  return (%1))");
  detail::DeviceSources anchors(*graph);
  const auto first = anchors.device_of(graph->inputs()[1]);
  const auto second = anchors.device_of(graph->inputs()[1]);
  EXPECT_EQ(first->name, "y");
  EXPECT_EQ(first->device, second->device);
  EXPECT_EQ(first->device->node()->kind(), c10::prim::device);
  EXPECT_EQ(first->device->node()->input(), graph->inputs()[1]);
  EXPECT_EQ(first->device->node(), *graph->nodes().begin());
}

TEST(DeviceSources, TakeTheFirstTensorArgumentWhereNoneIsWanted) {
  const auto graph = parse(R"(
graph(%n : int, %maybe : Tensor?, %x : Tensor):
  %1 : Tensor = aten::relu(%x)
  return (%1))");
  EXPECT_EQ(detail::DeviceSources(*graph).device_of(nullptr)->name, "x");
}

TEST(DeviceSources, LookIntoATuple) {
  const auto graph = parse(R"(
graph(%pair : (int, Tensor)):
  %1 : int, %2 : Tensor = prim::TupleUnpack(%pair)
  return (%2))");
  const auto source = detail::DeviceSources(*graph).device_of(nullptr);
  EXPECT_EQ(source->name, "pair");
  EXPECT_EQ(source->device->node()->input()->node()->kind(), c10::prim::TupleIndex);
  EXPECT_NO_THROW(graph->lint());
}

TEST(DeviceSources, PreferAParameterToTheElementOfAList) {
  torch::jit::Module module("M");
  module.register_parameter("weight", at::ones({2}), /*is_buffer=*/false);
  module.define(
      "def forward(self, items: List[Tensor]) -> Tensor:\n    return items[0] * self.weight\n");
  const auto graph = module.get_method("forward").graph();
  const auto source = detail::DeviceSources(*graph).device_of(nullptr);
  EXPECT_EQ(source->name, "weight");
  EXPECT_NO_THROW(graph->lint());
}

/// `to` moves no tensor of an object that is no module.
TEST(DeviceSources, DoNotTrustAnObjectOfAClass) {
  torch::jit::Module module("M");
  const auto unit = module._ivalue()->compilation_unit();
  const auto box = c10::ClassType::create("__torch__.Box", unit, /*is_module=*/false);
  box->addAttribute("value", c10::TensorType::get());
  unit->register_type(box);
  auto object = c10::ivalue::Object::create({unit, box}, 1);
  object->setSlot(0, at::ones({2}));
  module.type()->addAttribute("box", box);
  module._ivalue()->setSlot(0, std::move(object));
  module.define(
      "def forward(self, items: List[Tensor]) -> Tensor:\n    return items[0] * self.box.value\n");
  const auto graph = module.get_method("forward").graph();
  EXPECT_EQ(detail::DeviceSources(*graph).device_of(nullptr)->name, "items");
}

TEST(DeviceSources, TakeAnElementOfAListOrADictAtLast) {
  for (const char* type : {"Tensor[]", "Dict(str, Tensor)"}) {
    const auto graph = parse(std::string("graph(%all : ") + type +
                             "):\n  %1 : int = aten::len(%all)\n  return (%1)");
    EXPECT_EQ(detail::DeviceSources(*graph).device_of(nullptr)->name, "all");
    EXPECT_NO_THROW(graph->lint());
  }
}

TEST(DeviceSources, FindNothingWhereThereIsNoTensorForSure) {
  const auto graph = parse(R"(
graph(%n : int, %maybe : Tensor?, %text : str):
  %1 : int = aten::add(%n, %n)
  return (%1))");
  const std::string before = graph->toString();
  EXPECT_FALSE(detail::DeviceSources(*graph).device_of(nullptr));
  EXPECT_FALSE(detail::DeviceSources(*graph).device_of(graph->inputs()[1]));
  EXPECT_EQ(graph->toString(), before);
}

// What is computed inside a block does not exist where the device is read.
TEST(DeviceSources, DoNotReadWhatIsComputedLater) {
  const auto graph = parse(R"(
graph(%x : Tensor, %c : bool):
  %1 : Tensor = prim::If(%c)
    block0():
      %2 : Tensor = aten::relu(%x)
      -> (%2)
    block1():
      -> (%x)
  return (%1))");
  EXPECT_EQ(detail::DeviceSources(*graph).device_of(graph->outputs()[0])->name, "x");
}

}  // namespace
}  // namespace crosstrace
