// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/simulated/simulated_device.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <sstream>

namespace crosstrace {
namespace {

const c10::Device kCpu(c10::kCPU);

/// Two layers that share one weight, and a buffer.
struct TiedImpl : torch::nn::Module {
  TiedImpl() {
    first = register_module("first", torch::nn::Linear(4, 4));
    second = register_module("second", torch::nn::Linear(4, 4));
    second->weight = second->register_parameter("weight_of_first", first->weight);
    scale = register_buffer("scale", torch::tensor(2.f));
  }
  at::Tensor forward(const at::Tensor& x) { return second(first(x)) * scale; }
  torch::nn::Linear first{nullptr};
  torch::nn::Linear second{nullptr};
  at::Tensor scale;
};
TORCH_MODULE(Tied);

class Placement : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(install_simulated_device(), ""); }
};

/// Of a TorchScript class; `other` is one of them, or None.
c10::intrusive_ptr<c10::ivalue::Object> object(const at::Tensor& tensor) {
  const auto unit = std::make_shared<torch::jit::CompilationUnit>();
  const auto type = c10::ClassType::create(c10::QualifiedName("__torch__.Node"), unit);
  unit->register_type(type);
  type->addAttribute("tensor", c10::TensorType::get());
  type->addAttribute("other", c10::OptionalType::create(type));
  auto result = c10::ivalue::Object::create(c10::StrongTypePtr(unit, type), 2);
  result->setAttr("tensor", tensor);
  return result;
}

torch::jit::Module scripted() {
  torch::jit::Module module("tied");
  const at::Tensor weight = torch::rand({4, 4});
  module.register_parameter("weight", weight, false);
  module.register_parameter("tied", weight, false);
  module.register_buffer("offset", torch::rand({4}));
  module.register_attribute("stranded", c10::TensorType::get(), torch::rand({4}));
  module.define(
      "def forward(self, x):\n    return torch.linear(torch.linear(x, self.weight), self.tied, "
      "self.offset)\n");
  return module;
}

TEST_F(Placement, MovesAnNnModuleThereAndBack) {
  Tied module;
  const at::Tensor input = torch::rand({2, 4});
  const at::Tensor expected = module->forward(input);
  for (const char* name : {"sim:0", "sim:1", "cpu"}) {
    const c10::Device device(name);
    move_module(*module, device);
    EXPECT_EQ(module->first->weight.device(), device);
    EXPECT_EQ(module->scale.device(), device);
    EXPECT_TRUE(module->first->weight.is_same(module->second->weight))
        << "the weight is no longer tied";
    EXPECT_TRUE(module->first->weight.requires_grad());
    EXPECT_TRUE(module->first->weight.is_leaf());
    EXPECT_TRUE(torch::allclose(module->forward(input.to(device)).cpu(), expected));
  }
}

TEST_F(Placement, MovesAJitModuleThereAndBack) {
  torch::jit::Module module = scripted();
  const at::Tensor input = torch::rand({2, 4});
  const at::Tensor expected = module.forward({input}).toTensor();
  for (const char* name : {"sim:1", "sim:0", "cpu"}) {
    const c10::Device device(name);
    move_module(module, device);
    for (int call = 0; call < 3; ++call) {
      EXPECT_TRUE(torch::allclose(module.forward({input.to(device)}).toTensor().cpu(), expected));
    }
    EXPECT_TRUE(module.attr("weight").toTensor().is_same(module.attr("tied").toTensor()));
    EXPECT_EQ(module.attr("offset").toTensor().device(), device);
    EXPECT_EQ(module.attr("stranded").toTensor().device(), kCpu)
        << "`to` leaves attributes where they are";
  }
}

TEST_F(Placement, LibTorchsOwnToWorksAsWell) {
  Tied module;
  module->to(c10::Device("sim:1"));
  EXPECT_EQ(module->first->weight.device(), c10::Device("sim:1"));
  torch::jit::Module script = scripted();
  script.to(c10::Device("sim:0"));
  EXPECT_EQ(script.attr("weight").toTensor().device(), c10::Device("sim:0"));
}

TEST_F(Placement, GradientsMoveAndTrainingGoesOn) {
  Tied module;
  module->forward(torch::rand({2, 4})).sum().backward();
  const at::Tensor weight = module->first->weight;
  const at::Tensor before = weight.grad().clone();
  move_module(*module, c10::Device("sim:1"));
  EXPECT_EQ(weight.grad().device(), c10::Device("sim:1"));
  EXPECT_TRUE(torch::equal(weight.grad().cpu(), before));
  module->forward(torch::rand({2, 4}, c10::Device("sim:1"))).sum().backward();
  EXPECT_EQ(weight.grad().device(), c10::Device("sim:1"));
  EXPECT_FALSE(torch::equal(weight.grad().cpu(), before)) << "the second pass adds to the gradient";
}

TEST_F(Placement, MovesTensorsInsideValues) {
  const at::Tensor tensor = torch::rand({2});
  c10::Dict<std::string, at::Tensor> dict;
  dict.insert("key", tensor);
  c10::List<std::optional<at::Tensor>> optionals({std::nullopt, tensor});
  const c10::IValue value =
      c10::ivalue::Tuple::create({tensor, c10::List<at::Tensor>({tensor}), dict, optionals,
                                  int64_t{3}, c10::IValue(), "text"});
  const c10::IValue moved = move_value(value, c10::Device("sim:1"));
  const auto& items = moved.toTupleRef().elements();
  const at::Tensor first = items[0].toTensor();
  EXPECT_EQ(first.device(), c10::Device("sim:1"));
  EXPECT_TRUE(first.is_same(items[1].toTensorVector()[0])) << "one tensor stays one tensor";
  EXPECT_TRUE(first.is_same(items[2].toGenericDict().at("key").toTensor()));
  EXPECT_TRUE(items[3].toListRef()[0].isNone());
  EXPECT_TRUE(first.is_same(items[3].toListRef()[1].toTensor()));
  EXPECT_EQ(items[4].toInt(), 3);
  EXPECT_TRUE(items[5].isNone());
  EXPECT_EQ(items[6].toStringRef(), "text");
  EXPECT_EQ(*moved.type(), *value.type());
  EXPECT_EQ(value.toTupleRef().elements()[0].toTensor().device(), kCpu) << "the original stays";
}

TEST_F(Placement, MovesObjectsThatHoldEachOther) {
  const auto first = object(torch::rand({2})), second = object(torch::rand({3}));
  first->setAttr("other", second);
  second->setAttr("other", first);
  const c10::IValue moved =
      move_value(c10::ivalue::Tuple::create(first, first), c10::Device("sim:1"));
  const auto& items = moved.toTupleRef().elements();
  EXPECT_TRUE(items[0].is(items[1])) << "one object stays one object";
  const auto there = items[0].toObject();
  EXPECT_EQ(there->type(), first->type());
  EXPECT_EQ(there->getAttr("tensor").toTensor().device(), c10::Device("sim:1"));
  const auto other = there->getAttr("other").toObject();
  EXPECT_EQ(other->getAttr("tensor").toTensor().device(), c10::Device("sim:1"));
  EXPECT_TRUE(other->getAttr("other").is(items[0]));
  EXPECT_EQ(first->getAttr("tensor").toTensor().device(), kCpu) << "the original stays";
  first->setAttr("other", c10::IValue());  // Else they would never go.
}

TEST(MoveAnswer, TakesDevicesAlong) {
  (void)to_device("sim:0");
  const c10::Device sim("sim:0");
  const c10::IValue answer =
      c10::ivalue::Tuple::create(at::ones({2}).to(sim), sim, c10::Device("sim:1"));
  const c10::IValue moved = move_answer(answer, sim, c10::kCPU);
  const auto& parts = moved.toTupleRef().elements();
  EXPECT_TRUE(parts[0].toTensor().is_cpu());
  EXPECT_EQ(parts[1].toDevice(), c10::Device("cpu"));
  EXPECT_EQ(parts[2].toDevice(), c10::Device("sim:1"));
  EXPECT_EQ(move_value(answer, c10::kCPU).toTupleRef().elements()[1].toDevice(), sim);
}

}  // namespace
}  // namespace crosstrace
