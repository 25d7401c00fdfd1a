// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <gmock/gmock.h>

#include "unit/diagnose/said.h"

namespace crosstrace {
namespace {

using ::testing::IsEmpty;

TEST(BackendSpecialised, IsAnErrorWhereForwardAlwaysCallsTheNode) {
  const auto found = said(&rules::backend_specialised, scripted(R"(
def forward(self, x: Tensor):
    return torch.to_mkldnn(x)
)"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::kError);
  EXPECT_EQ(found[0].message,
            "aten::to_mkldnn was put into the graph when it was optimised for cpu, and runs there "
            "alone.");
  EXPECT_EQ(found[0].advice,
            "Export the model before torch.jit.optimize_for_inference or any other pass for one "
            "device, and optimise it after loading.");
}

TEST(BackendSpecialised, NamesTheDeviceOfOtherLibraries) {
  const auto found = said(&rules::backend_specialised, of_graph(R"(
graph(%self, %x):
  %y : Tensor = tensorrt::execute_engine(%x)
  return (%y)
)"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].message,
            "tensorrt::execute_engine was put into the graph when it was optimised for cuda, and "
            "runs there alone.");
}

/// A layer with its weight in the graph, as freezing leaves it.
torch::jit::Module frozen() {
  torch::jit::Module module("__torch__.M");
  auto graph = std::make_shared<torch::jit::Graph>();
  graph->addInput("self")->setType(module.type());
  torch::jit::Value* x = graph->addInput("x");
  torch::jit::Value* weight = graph->insertConstant(at::ones({2, 3}));
  torch::jit::Value* bias = graph->insertConstant(at::ones({2}));
  graph->registerOutput(graph->insert(c10::aten::linear, {x, weight, bias}));
  module.type()->addMethod(
      module._ivalue()->compilation_unit()->create_function("__torch__.M.forward", graph));
  return module;
}

TEST(BackendSpecialised, IsANoteForAFrozenModule) {
  const auto found = said(&rules::backend_specialised, frozen());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::kNote);
  EXPECT_EQ(found[0].message,
            "The module is frozen: the weights of 1 operator are constants of the graph, which "
            "module.to(device) does not move.");
  EXPECT_EQ(found[0].advice,
            "Load it with torch::jit::load(file, device), or freeze it after moving it.");
}

TEST(BackendSpecialised, IsSilentAboutOrdinaryModules) {
  torch::jit::Module module = frozen();
  module.register_buffer("scale", at::ones({}));
  EXPECT_THAT(said(&rules::backend_specialised, module), IsEmpty());
  EXPECT_THAT(said(&rules::backend_specialised, scripted(R"(
def forward(self, x: Tensor):
    return torch.linear(x, x)
)")),
              IsEmpty());
}

TEST(Random, IsSaidOfWhatDraws) {
  const auto found = said(&rules::random, scripted(R"(
def forward(self, x: Tensor):
    return x + torch.rand_like(x) + torch.dropout(x, 0.5, True) + torch.rand_like(x)
)"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].kind, "aten::dropout");
  EXPECT_EQ(found[1].severity, Severity::kWarning);
  EXPECT_EQ(
      found[1].message,
      "aten::rand_like (2 times) draws random numbers, and for one seed each type of device draws "
      "others, so outputs cannot be compared between devices.");
  EXPECT_EQ(found[1].advice, "Draw them outside of the model and pass them in.");
}

TEST(Random, IsNotSaidOfDropoutThatIsOff) {
  EXPECT_THAT(said(&rules::random, scripted(R"(
def forward(self, x: Tensor):
    x = torch.dropout(x, 0.5, self.training)
    x = torch.dropout(x, 0.5, False)
    if self.training:
        x = torch.bernoulli(x)
    unused = torch.rand_like(x)
    return torch.dropout(x, 0., True) + torch.zeros_like(x)
)")),
              IsEmpty());
}

TEST(BakedDtype, IsSaidOfATransferThatAlsoConverts) {
  const auto found = said(&rules::baked_dtype, scripted(R"(
def forward(self, x: Tensor):
    return x.to(torch.device('cpu'), 6)
)"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::kNote);
  EXPECT_EQ(found[0].message,
            "aten::to moves a tensor to cpu and, as it was recorded, makes it Float, so an input "
            "of another dtype comes back as Float.");
  EXPECT_EQ(found[0].advice,
            "Move the tensor outside of the model, or to the device of another tensor: "
            "x.to(y.device()).");
}

TEST(BakedDtype, IsSaidOnceOfTheFactoriesOfAMethod) {
  const auto found = said(&rules::baked_dtype, scripted(R"(
def forward(self, x: Tensor):
    return x + torch.zeros([2], dtype=6) + torch.ones([2], dtype=7)
)"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, "aten::zeros");
  EXPECT_EQ(found[0].message,
            "2 operators, the first of them aten::zeros, make Float tensors whatever the dtype of "
            "the inputs, so the export of a model in another precision is not the model.");
  EXPECT_EQ(found[0].advice,
            "If the dtype should follow an input, make the tensor from it: torch::zeros_like(x), "
            "x.new_zeros(...).");
}

TEST(BakedDtype, IsNotSaidOfIndicesNorOfWhatFollowsTheInput) {
  EXPECT_THAT(said(&rules::baked_dtype, scripted(R"(
def forward(self, x: Tensor):
    i = torch.arange(2, dtype=4)
    return x[i].to(7) + torch.zeros_like(x) + x.to(torch.device('cpu'))
)")),
              IsEmpty());
}

TEST(BakedShape, IsSaidOnceOfTheFixedSizesOfAMethod) {
  const auto found = said(&rules::baked_shape, scripted(R"(
def forward(self, x: Tensor):
    return torch.relu(x).view([2, -1]) + x.reshape([3, 4, -1])
)"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, "aten::view");
  EXPECT_EQ(found[0].severity, Severity::kNote);
  EXPECT_EQ(found[0].message,
            "aten::view gives the fixed sizes [2, -1] (and 1 more like it), so inputs with another "
            "first dimension may fail or give another shape.");
  EXPECT_EQ(found[0].advice,
            "Write sizes that follow the input: -1, flatten, expand_as; or script the function.");
}

TEST(BakedShape, IsNotSaidOfSizesThatFollowTheInput) {
  torch::jit::Module module("__torch__.M");
  module.register_buffer("table", at::ones({8}));
  module.define(R"(
def forward(self, x: Tensor):
    x = x.view([x.size(0), -1]) + x.reshape([-1, 4]) + x.expand([1, 4])
    return x.view([5]) + self.table.view([2, 4])
)");
  EXPECT_THAT(said(&rules::baked_shape, module), IsEmpty());
}

TEST(StorageLocation, IsAWarningForADeviceThatThisMachineLacks) {
  const torch::jit::Module module = scripted("def forward(self, x: Tensor):\n    return x\n");
  const auto found = said(&rules::storage_location, module, {"cpu", "cuda:99"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::kWarning);
  EXPECT_EQ(found[0].message,
            "Tensors of the archive were saved on cuda:99, and torch::jit::load(file) puts them "
            "back there, which fails on a machine without cuda:99.");
  EXPECT_EQ(found[0].advice,
            "Save the module after module.to(\"cpu\"), or always load it with a device.");
}

TEST(StorageLocation, IsANoteForADeviceThatIsHere) {
  const torch::jit::Module module = scripted("def forward(self, x: Tensor):\n    return x\n");
  const auto found = said(&rules::storage_location, module, {"sim:0"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::kNote);
}

TEST(DeviceBranch, IsSaidOfABranchThatAsksForTheDevice) {
  const auto found = said(&rules::device_branch, scripted(R"(
def forward(self, x: Tensor):
    if x.is_cuda:
        x = x * 2
    else:
        x = x + 1
    if x.device.type == 'cpu' and x.dim() > 1:
        x = x - 1
    return x
)"));
  ASSERT_EQ(found.size(), 3U);  // `and` is a branch too.
  EXPECT_EQ(found[0].kind, "prim::If");
  EXPECT_EQ(found[0].severity, Severity::kNote);
  EXPECT_EQ(found[0].message,
            "A branch asks for the is_cuda of a tensor, so another device runs other operators, "
            "which a run on this one does not test.");
  EXPECT_EQ(found[0].advice, "Run the matrix on every type of device that the branch names.");
  EXPECT_EQ(found[2].message,
            "A branch asks for the device of a tensor, so another device runs other operators, "
            "which a run on this one does not test.");
}

TEST(DeviceBranch, IsNotSaidOfChecksNorOfOtherBranches) {
  EXPECT_THAT(said(&rules::device_branch, scripted(R"(
def forward(self, x: Tensor):
    assert x.device == torch.device('cpu')
    if bool(x.sum() > 0):
        x = x + torch.zeros([2], device=x.device)
    return x
)")),
              IsEmpty());
}

}  // namespace
}  // namespace crosstrace
