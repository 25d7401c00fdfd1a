// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/models/model.h>
#include <crosstrace/repair/repair.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/irparser.h>
#include <torch/csrc/jit/serialization/import.h>

#include <sstream>

#include "unit/fork_script.h"

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

torch::jit::Module scripted(const std::string& source) {
  torch::jit::Module module("M");
  module.register_attribute("training", c10::BoolType::get(), false);
  module.define(source);
  return module;
}

std::vector<std::string> texts(const std::vector<RepairStep>& steps) {
  std::vector<std::string> all;
  for (const RepairStep& step : steps) all.push_back(step.text);
  return all;
}

/// What the module answers on sim:0 once it is saved, loaded and moved there.
c10::IValue on_sim(const torch::jit::Module& module, const Inputs& inputs,
                   const std::string& method = "forward") {
  std::stringstream bytes;
  module.save(bytes);
  torch::jit::Module loaded = torch::jit::load(bytes);
  const c10::Device device = to_device("sim:0");
  move_module(loaded, device);
  Inputs moved;
  for (const c10::IValue& input : inputs) moved.push_back(move_value(input, device));
  return loaded.get_method(method)(moved);
}

TEST(Repair, FollowsTheValueThatIsMetAndNotJustTheFirst) {
  torch::jit::Module module = scripted(R"(
def forward(self, table: Tensor, x: Tensor) -> Tensor:
    return x + torch.arange(3, device=torch.device("cpu")) + float(table.sum())
)");
  const Repaired repaired = repair(module, "cpu", {});
  EXPECT_THAT(texts(repaired.steps),
              ElementsAre("aten::arange makes its tensor on the device of x"));
  EXPECT_THAT(repaired.left, IsEmpty());
  EXPECT_EQ(repaired.steps[0].method, "forward");
  EXPECT_EQ(repaired.steps[0].operator_name, "aten::arange");
  // The table may be elsewhere.
  torch::jit::Module moved = module;
  const c10::Device sim = to_device("sim:0");
  const at::Tensor answer = moved.forward({at::ones({2}), at::zeros({3}).to(sim)}).toTensor();
  EXPECT_EQ(answer.device(), sim);
}

TEST(Repair, MovesNumbersWhereTheyMeetTensors) {
  torch::jit::Module module("M");
  auto graph = std::make_shared<torch::jit::Graph>();
  torch::jit::parseIR(R"(
graph(%self, %x : Tensor):
  %none : NoneType = prim::Constant()
  %dim : int = prim::Constant[value=0]()
  %two : int = prim::Constant[value=2]()
  %size : int = aten::size(%x, %dim)
  %n : Tensor = prim::NumToTensor(%size)
  %times : Tensor = aten::floor_divide(%n, %two)
  %y : Tensor = aten::repeat_interleave(%x, %times, %dim, %none)
  return (%y))",
                      graph.get());
  graph->inputs()[0]->setType(module.type());
  module.type()->addMethod(
      module._ivalue()->compilation_unit()->create_function("M.forward", graph));
  const Repaired repaired = repair(module, "cpu", {});
  EXPECT_THAT(texts(repaired.steps),
              ElementsAre("the number that prim::NumToTensor holds is moved to the device of x"));
  EXPECT_THAT(repaired.left, IsEmpty());
  const at::Tensor x = at::rand({4, 2});
  EXPECT_TRUE(on_sim(module, {x}).toTensor().cpu().equal(x.repeat_interleave(2, 0)));
}

TEST(Repair, RepairsWhatForkCalls) {
  torch::jit::Module module = forking(R"(
def forward(self, x: Tensor) -> Tensor:
    f = fork(self.part, x)
    return torch.wait(f)
def part(self, x: Tensor) -> Tensor:
    return x * torch.arange(3)
)");
  const Repaired repaired = repair(module, "cpu", {});
  EXPECT_THAT(texts(repaired.steps),
              ElementsAre("aten::arange makes its tensor on the device of x"));
  EXPECT_THAT(repaired.left, IsEmpty());
  EXPECT_TRUE(on_sim(module, {at::ones({3})}).toTensor().cpu().equal(at::arange(3.0)));
}

TEST(Repair, RepairsEveryMethodAndBlock) {
  torch::jit::Module module = scripted(R"(
def forward(self, x: Tensor) -> Tensor:
    for i in range(2):
        if i == 1:
            x = x + torch.ones([3])
    return x
def encode(self, x: Tensor) -> Tensor:
    return torch.cat([x, torch.zeros([3])])
)");
  const Repaired repaired = repair(module, "cpu", {});
  EXPECT_THAT(texts(repaired.steps),
              ElementsAre("aten::ones makes its tensor on the device of x",
                          "aten::zeros makes its tensor on the device of x"));
  EXPECT_EQ(on_sim(module, {at::ones({3})}).toTensor().device(), to_device("sim:0"));
  EXPECT_EQ(on_sim(module, {at::ones({3})}, "encode").toTensor().device(), to_device("sim:0"));
}

TEST(Repair, TellsOnceOfAMethodThatForwardCalls) {
  torch::jit::Module module("M");
  module.register_attribute("training", c10::BoolType::get(), false);
  torch::jit::Module inner("Inner");
  inner.define(R"(
def a_helper(self, x: Tensor) -> Tensor:
    return x + torch.arange(3, device=torch.device("cpu"))
def forward(self, x: Tensor) -> Tensor:
    return self.a_helper(x)
)");
  module.register_module("inner", inner);
  module.define("def forward(self, x: Tensor) -> Tensor:\n    return self.inner.forward(x)\n");
  const Repaired repaired = repair(module, "cpu", {});
  EXPECT_THAT(texts(repaired.steps),
              ElementsAre("aten::arange makes its tensor on the device of x"));
}

TEST(Repair, DoesNothingASecondTime) {
  torch::jit::Module module =
      scripted("def forward(self, x: Tensor) -> Tensor:\n    return (x + torch.ones([3])).cpu()\n");
  EXPECT_EQ(repair(module, "cpu", {}).steps.size(), 2U);
  EXPECT_THAT(repair(module, "cpu", {}).steps, IsEmpty());
}

TEST(Repair, LeavesWhatMeetsNothingElse) {
  torch::jit::Module module = scripted(R"(
def forward(self, x: Tensor) -> Tensor:
    scale = torch.tensor(2.0)
    weights = torch.arange(3, device=torch.device("cpu"))
    index = torch.tensor([0, 1])
    return x[index] * scale * float(weights.sum()) + torch.ones([3]).to(x)
)");
  const std::string before = module.get_method("forward").graph()->toString();
  EXPECT_THAT(repair(module, "cpu", {}).steps, IsEmpty());
  EXPECT_EQ(module.get_method("forward").graph()->toString(), before);
}

TEST(Repair, TakesAParameterWhereNoArgumentIsATensor) {
  torch::jit::Module module("M");
  module.register_parameter("weight", at::ones({3}), /*is_buffer=*/false);
  module.define("def forward(self, n: int) -> Tensor:\n    return self.weight * torch.arange(n)\n");
  EXPECT_THAT(texts(repair(module, "cpu", {}).steps),
              ElementsAre("aten::arange makes its tensor on the device of weight"));
  EXPECT_EQ(on_sim(module, {int64_t{3}}).toTensor().device(), to_device("sim:0"));
}

TEST(Repair, IndexlessCudaFollowsItsInput) {
  torch::jit::Module module = scripted(
      "def forward(self, x: Tensor) -> Tensor:\n    return x.to(torch.device(\"cuda\")) * 2.0\n");
  EXPECT_THAT(texts(repair(module, "cuda", {"cuda:1"}).steps),
              ElementsAre("aten::to moves to the device of x"));
}

TEST(Repair, SaysWhatItCannot) {
  torch::jit::Module module("M");
  module.register_attribute("cache", c10::ListType::ofTensors(),
                            c10::List<at::Tensor>({at::ones({3})}));
  module.define(R"(
def forward(self, x: Tensor) -> Tensor:
    x = x * self.cache[0]
    self.cache.append(x)
    return x
)");
  const Repaired repaired = repair(module, "cpu", {});
  ASSERT_EQ(repaired.left.size(), 1U);
  EXPECT_EQ(repaired.left[0].attribute, "cache");
  EXPECT_EQ(repaired.left[0].text,
            "cache is changed while the model runs, so it cannot be made of buffers");
  EXPECT_THAT(repaired.left[0].advice, HasSubstr("register_buffer"));
}

TEST(Repair, GivesADeviceAttributeTheDeviceOfWhatItMeets) {
  torch::jit::Module module("M");
  module.register_attribute("place", c10::DeviceObjType::get(), c10::Device(c10::kCPU));
  module.define(
      "def forward(self, x: Tensor) -> Tensor:\n    return x + torch.ones([3], "
      "device=self.place)\n");
  const Repaired repaired = repair(module, "cpu", {});
  EXPECT_THAT(repaired.left, IsEmpty());
  EXPECT_EQ(on_sim(module, {at::ones({3})}).toTensor().device(), to_device("sim:0"));
  EXPECT_THAT(repair(module, "cpu", {}).steps, IsEmpty());
}

}  // namespace
}  // namespace crosstrace
