// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/graph/float64_copy.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/nn/module.h>

#include <sstream>
#include <stdexcept>

namespace crosstrace {
namespace {

using ::testing::HasSubstr;

/// Saved and loaded, as exports are. Their source names dtypes by number: 5 is float16, 6 float32,
/// 7 float64, 9 complex64.
torch::jit::Module reloaded(const torch::jit::Module& module) {
  std::stringstream bytes;
  module.save(bytes);
  return torch::jit::load(bytes, c10::kCPU);
}

torch::jit::Module module_of(const std::string& source) {
  torch::jit::Module module("M");
  module.register_parameter("weight", at::full({3}, 0.1F), false);
  module.register_buffer("index", at::tensor({2, 0, 1}));
  module.register_attribute("dtype", c10::IntType::get(), static_cast<std::int64_t>(at::kFloat));
  module.register_attribute("tables", c10::ListType::ofTensors(),
                            c10::List<at::Tensor>({at::full({3}, 0.2F)}));
  module.define(source);
  return reloaded(module);
}

at::Tensor input() { return at::tensor({1.0F, 2.0F, 0.3F}); }

at::Tensor in_float64(torch::jit::Module module, const at::Tensor& x) {
  std::vector<c10::IValue> inputs{x.clone()};
  run_on_cpu(module);
  compute_in_float64(module, inputs);
  make_float64(inputs[0]);
  const DefaultDtypeGuard float64(at::kDouble);
  return module.forward(inputs).toTensor();
}

at::Tensor in_float64(const std::string& body) {
  return in_float64(module_of("def forward(self, x: Tensor):\n    " + body + "\n"), input());
}

void expect_exact(const at::Tensor& actual, const at::Tensor& expected) {
  ASSERT_EQ(actual.scalar_type(), at::kDouble);
  EXPECT_TRUE(at::allclose(actual, expected, 1e-14, 1e-14)) << actual << expected;
}

at::Tensor exact_input() { return input().to(at::kDouble); }

TEST(Float64Copy, WidensParametersListsAndInputsAndSparesIntegers) {
  const at::Tensor weight = at::full({3}, 0.1F).to(at::kDouble);
  const at::Tensor table = at::full({3}, 0.2F).to(at::kDouble);
  expect_exact(in_float64("return (x * self.weight + self.tables[0])[self.index]"),
               (exact_input() * weight + table).index_select(0, at::tensor({2, 0, 1})));
}

TEST(Float64Copy, WidensConstantsOfATrace) {
  const at::Tensor captured = at::full({3}, 0.7F);
  auto traced = torch::jit::tracer::trace(
      {input()},
      [&](std::vector<c10::IValue> inputs) -> std::vector<c10::IValue> {
        return {inputs[0].toTensor() * captured};
      },
      [](const at::Tensor&) { return ""; });
  torch::jit::Module module("M");
  auto graph = traced.first->graph;
  auto* self = graph->insertInput(0, "self");
  self->setType(module.type());
  auto* function = module._ivalue()->compilation_unit()->create_function(
      c10::QualifiedName(*module.type()->name(), "forward"), graph);
  module.type()->addMethod(function);
  expect_exact(in_float64(reloaded(module), input()), exact_input() * captured.to(at::kDouble));
}

TEST(Float64Copy, ReplacesDtypesAndNotTheSizesThatLookLikeThem) {
  // 6 is float32, and the same constant is the size.
  const at::Tensor sixes =
      in_float64("y = torch.ones([6, 6], dtype=6)\n    return y.view(6, 6).to(6) / 3");
  EXPECT_EQ(sixes.sizes(), at::IntArrayRef({6, 6}));
  expect_exact(sixes, at::ones({6, 6}, at::kDouble) / 3);
}

TEST(Float64Copy, ReplacesDtypesThatAreKnownOnlyAtRunTime) {
  const at::Tensor third = exact_input() / 3;
  expect_exact(in_float64("return (x.long() * 0).to(self.dtype) + x / 3"), third);
  expect_exact(in_float64("return torch.zeros(3, dtype=x.dtype) + x / 3"), third);
  expect_exact(in_float64("return torch.zeros(3) + torch.tensor(1.0) / 3 * x"), third);
  expect_exact(in_float64("kind = x.dtype\n    if kind == 6:\n        kind = 6\n"
                          "    return torch.zeros(3, dtype=kind) + x.float() / 3"),
               third);
}

TEST(Float64Copy, TakesTheBranchesThatItsOwnDtypeTakes) {
  expect_exact(in_float64("if x.dtype == 7:\n        return x * 3\n    return x * 2"),
               exact_input() * 2);
  expect_exact(in_float64("wide = [7]\n    return x * 3 if x.dtype in wide else x * 2"),
               exact_input() * 2);
}

TEST(Float64Copy, ReachesFunctionsAndSubmodules) {
  torch::jit::Module inner("Inner");
  inner.register_buffer("scale", at::full({3}, 0.3F));
  inner.define(
      "def forward(self, x: Tensor, dtype: int):\n    return x.to(dtype) * self.scale.to(dtype)\n");
  torch::jit::Module module("M");
  module.register_module("inner", inner);
  module.define(
      "def forward(self, x: Tensor):\n    return self.inner.forward(x, x.dtype) * torch.ones(3, "
      "dtype=6)\n");
  expect_exact(in_float64(reloaded(module), input()),
               exact_input() * at::full({3}, 0.3F).to(at::kDouble));
}

TEST(Float64Copy, RefusesToGuessWhichOfSeveralDtypesIsSeen) {
  try {
    in_float64("y = x.half()\n    return x if y.dtype == 5 else x * 2");
    FAIL() << "it guessed";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "the program asks for dtypes, and has more than one of float");
  }
}

TEST(Float64Copy, WidensHalfAndComplexNumbers) {
  torch::jit::Module half("M");
  half.register_parameter("weight", at::full({3}, 0.1).to(at::kHalf), false);
  half.define("def forward(self, x: Tensor):\n    return x * self.weight\n");
  const at::Tensor x = input().to(at::kHalf);
  expect_exact(in_float64(reloaded(half), x),
               x.to(at::kDouble) * at::full({3}, 0.1).to(at::kHalf).to(at::kDouble));
  EXPECT_EQ(in_float64("return torch.complex(x, x) * torch.ones(3, dtype=9)").scalar_type(),
            at::kComplexDouble);
}

TEST(Float64Copy, ReadsEveryDeviceAsTheCpu) {
  const at::Tensor third = exact_input() / 3;
  expect_exact(in_float64("return torch.zeros(3, device='cuda:1') + x.cuda() / 3"), third);
  expect_exact(in_float64("return x.to(torch.device('cuda')) / 3"), third);
  torch::jit::Module module("M");
  module.register_attribute("home", c10::DeviceObjType::get(), c10::Device("cuda:0"));
  module.define("def forward(self, x: Tensor):\n    return x.to(self.home) / 3\n");
  expect_exact(in_float64(reloaded(module), input()), third);
}

TEST(Float64Copy, PutsTheDefaultDtypeBack) {
  { const DefaultDtypeGuard float64(at::kDouble); }
  EXPECT_EQ(at::ones({1}).scalar_type(), at::kFloat);
}

}  // namespace
}  // namespace crosstrace
