// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <crosstrace/archive/archive.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/export/export.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Throws;
using ::testing::ThrowsMessage;

struct TiedImpl : torch::nn::Module {
  TiedImpl() {
    first = register_module("first", torch::nn::Linear(4, 4));
    second = register_module(
        "second", torch::nn::Sequential(torch::nn::Linear(4, 4), torch::nn::BatchNorm1d(4)));
    tied = register_parameter("tied", first->weight);
  }
  at::Tensor forward(at::Tensor x) { return second->forward(first(x)).matmul(tied); }
  torch::nn::Linear first{nullptr};
  torch::nn::Sequential second{nullptr};
  at::Tensor tied;
};
TORCH_MODULE(Tied);

Model tied_model() {
  return ModelBuilder("TiedModel", {"models.cpp", 1})
      .module([] { return Tied(); })
      .inputs([] {
        return at::randn({3, 4});
      })
      .build();
}

std::vector<std::string> names(const torch::jit::named_parameter_list& list) {
  std::vector<std::string> result;
  for (const auto& item : list) result.push_back(item.name);
  return result;
}

TEST(Trace, KeepsModulesAndTheirNames) {
  const torch::jit::Module module =
      export_model(tied_model(), ExportKind::kTrace, "cpu").load(c10::kCPU);
  EXPECT_THAT(names(module.named_parameters()),
              ElementsAre("tied", "first.weight", "first.bias", "second.0.weight", "second.0.bias",
                          "second.1.weight", "second.1.bias"));
  std::size_t buffers = 0;
  for (const auto& buffer : module.named_buffers()) buffers += buffer.value.defined();
  EXPECT_EQ(buffers, 3U);
  EXPECT_EQ(module.type()->name()->qualifiedName(), "__torch__.TiedModel");
  EXPECT_FALSE(module.is_training());
}

TEST(Trace, ReadsParametersInsteadOfCopyingThem) {
  torch::jit::Module module = export_model(tied_model(), ExportKind::kTrace, "cpu").copy();
  const at::NoGradGuard no_grad;
  for (at::Tensor parameter : module.parameters()) parameter.zero_();
  EXPECT_TRUE(module.forward({at::ones({3, 4})}).toTensor().equal(at::zeros({3, 4})));
}

TEST(Trace, SurvivesSavingExactly) {
  const Model model = tied_model();
  const Export traced = export_model(model, ExportKind::kTrace, "cpu");
  const Inputs inputs = make_inputs(model, 0);
  const at::NoGradGuard no_grad;
  const at::Tensor eager = make_eager(model).forward(inputs).toTensor();
  EXPECT_TRUE(traced.copy().forward(inputs).toTensor().equal(eager));
  EXPECT_TRUE(traced.load(c10::kCPU).forward(inputs).toTensor().equal(eager));
}

TEST(Trace, CopiesShareNothing) {
  const Export traced = export_model(tied_model(), ExportKind::kTrace, "cpu");
  const torch::jit::Module one = traced.copy();
  const torch::jit::Module other = traced.copy();
  EXPECT_NE(one.attr("tied").toTensor().data_ptr(), other.attr("tied").toTensor().data_ptr());
  EXPECT_NE(&one.get_method("forward").function(), &other.get_method("forward").function());
}

TEST(Trace, PutsBackWhatForwardWritesIntoParameters) {
  int factories = 0;
  const auto make = [&] {
    ++factories;
    return torch::nn::Linear(3, 2);
  };
  const auto builder = [] {
    return ModelBuilder("M", {"models.cpp", 1}).inputs([] { return at::ones({1, 3}); });
  };
  const Model plain = builder().module(make).build();
  const Model writing = builder()
                            .module(make,
                                    [](torch::nn::LinearImpl& linear, at::Tensor x) {
                                      const at::NoGradGuard no_grad;
                                      linear.weight.add_(1);
                                      return linear.forward(x);
                                    })
                            .build();
  const auto weight = [](const Model& model) {
    return export_model(model, ExportKind::kTrace, "cpu").copy().attr("weight").toTensor();
  };
  const at::Tensor expected = weight(plain);
  EXPECT_EQ(factories, 1);  // Nothing is kept of parameters that nobody writes.
  EXPECT_TRUE(weight(writing).equal(expected));
  EXPECT_EQ(factories, 3);
}

TEST(Trace, IsTheSameModelOnEveryDevice) {
  const at::Tensor on_cpu =
      export_model(tied_model(), ExportKind::kTrace, "cpu", 5).copy().attr("tied").toTensor();
  const at::Tensor on_sim =
      export_model(tied_model(), ExportKind::kTrace, "sim:1", 5).copy().attr("tied").toTensor();
  EXPECT_EQ(on_sim.device(), to_device("sim:1"));
  EXPECT_TRUE(on_sim.cpu().equal(on_cpu));
}

TEST(Trace, KeepsScalarsAndNoneInTheSignature) {
  const Model model =
      ModelBuilder("Scaled", {"models.cpp", 1})
          .function([](at::Tensor x, int64_t scale, std::optional<at::Tensor> bias, at::Tensor y) {
            return x * scale + y + (bias ? *bias : at::zeros_like(x));
          })
          .inputs([] { return arguments(at::ones({2}), int64_t{3}, c10::IValue(), at::ones({2})); })
          .build();
  torch::jit::Module module = export_model(model, ExportKind::kTrace, "cpu").copy();
  EXPECT_EQ(module.get_method("forward").function().num_inputs(), 5U);
  EXPECT_TRUE(module.forward(make_inputs(model, 0)).toTensor().equal(at::full({2}, 4.0)));
}

TEST(Trace, TakesNestedTensors) {
  const Model model =
      ModelBuilder("Nested", {"models.cpp", 1})
          .function([](std::tuple<at::Tensor, at::Tensor> pair, std::vector<at::Tensor> list,
                       c10::Dict<std::string, at::Tensor> dict) {
            return std::get<0>(pair) + std::get<1>(pair) + list[0] + dict.at("k");
          })
          .inputs([] {
            c10::Dict<std::string, at::Tensor> dict;
            dict.insert("k", at::ones({2}));
            return arguments(std::make_tuple(at::ones({2}), at::ones({2})),
                             std::vector<at::Tensor>{at::ones({2})}, dict);
          })
          .build();
  torch::jit::Module module = export_model(model, ExportKind::kTrace, "cpu").load(c10::kCPU);
  EXPECT_TRUE(module.forward(make_inputs(model, 0)).toTensor().equal(at::full({2}, 4.0)));
}

TEST(Trace, RefusesAnArgumentThatMixesTensorsAndNumbers) {
  const Model model =
      ModelBuilder("Mixed", {"models.cpp", 1})
          .function([](std::tuple<at::Tensor, int64_t> pair) { return std::get<0>(pair); })
          .inputs([] { return c10::IValue(std::make_tuple(at::ones({2}), int64_t{3})); })
          .build();
  EXPECT_THAT([&] { export_model(model, ExportKind::kTrace, "cpu"); },
              ThrowsMessage<std::invalid_argument>(
                  "argument 0 mixes tensors with other values (Tuple[Tensor, int]), which cannot "
                  "be traced; script the model or "
                  "pass them apart"));
}

TEST(Trace, GivesAnswersOfAnyForm) {
  using Tensors = c10::List<at::Tensor>;
  const Model model =
      ModelBuilder("Detector", {"models.cpp", 1})
          .function([](at::Tensor x) {
            c10::Dict<std::string, Tensors> parts;
            parts.insert("boxes", Tensors({x + 1, x * 2}));
            parts.insert("masks", Tensors());
            c10::List<std::optional<at::Tensor>> maybe({x.sin(), std::nullopt});
            return std::make_tuple(parts, maybe, std::optional<at::Tensor>(), int64_t{4},
                                   std::string("scores"), std::make_tuple(x.relu(), at::Tensor()));
          })
          .inputs([] {
            return at::randn({2, 3});
          })
          .build();
  const Inputs inputs = make_inputs(model, 0);
  const c10::IValue expected = make_eager(model).forward(inputs);
  for (torch::jit::Module module :
       {export_model(model, ExportKind::kTrace, "cpu").copy(),
        export_model(model, ExportKind::kTrace, "cpu").load(c10::kCPU)}) {
    const c10::IValue answer = module.forward(inputs);
    const Comparison comparison = compare(answer, expected);
    EXPECT_TRUE(comparison.matches()) << comparison.message();
    EXPECT_EQ(comparison.leaves.size(), compare(expected, expected).leaves.size());
  }
}

TEST(Trace, GivesADictThatDependsOnTheInput) {
  const Model model = ModelBuilder("Scores", {"models.cpp", 1})
                          .module([] { return torch::nn::Linear(3, 2); },
                                  [](torch::nn::LinearImpl& linear, at::Tensor x) {
                                    c10::Dict<int64_t, at::Tensor> out;
                                    out.insert(7, linear.forward(x));
                                    return out;
                                  })
                          .inputs([] {
                            return at::randn({2, 3});
                          })
                          .build();
  torch::jit::Module module = export_model(model, ExportKind::kTrace, "sim:0").load(c10::kCPU);
  const at::Tensor other = at::randn({2, 3});
  const at::NoGradGuard no_grad;
  EXPECT_TRUE(module.forward({other}).toGenericDict().at(7).toTensor().allclose(
      make_eager(model).forward({other}).toGenericDict().at(7).toTensor()));
}

TEST(Trace, RefusesAnAnswerThatNoGraphCanMake) {
  const Model model =
      ModelBuilder("M", {"models.cpp", 1})
          .function([](at::Tensor x) { return std::make_tuple(x * 2, x.storage()); })
          .inputs([] { return at::ones({2}); })
          .build();
  EXPECT_THAT([&] { export_model(model, ExportKind::kTrace, "cpu"); },
              ThrowsMessage<std::invalid_argument>(
                  "forward answers a value of type Storage, which cannot be traced; script the "
                  "model"));
}

struct CounterImpl : torch::nn::Module {
  CounterImpl() { calls = register_buffer("calls", at::zeros({1})); }
  at::Tensor forward(at::Tensor x) { return x * calls.add_(1) + seen.mul_(2); }
  at::Tensor calls;
  at::Tensor seen = at::ones({});  // Registered nowhere.
};
TORCH_MODULE(Counter);

TEST(Trace, LeavesTheStateAsItWas) {
  const Model model = ModelBuilder("Counter", {"models.cpp", 1})
                          .module([] { return Counter(); })
                          .inputs([] { return at::ones({1}); })
                          .build();
  const Export traced = export_model(model, ExportKind::kTrace, "cpu");
  for (torch::jit::Module module : {traced.copy(), traced.load(c10::kCPU), traced.copy()}) {
    EXPECT_EQ(module.attr("calls").toTensor().item<float>(), 0);
    EXPECT_EQ(module.forward(make_inputs(model, 0)).toTensor().item<float>(), 1 + 2);
    EXPECT_EQ(module.forward(make_inputs(model, 0)).toTensor().item<float>(), 2 + 4);
  }
}

TEST(Trace, LeavesWhatAFunctionCapturedAsItWas) {
  const at::Tensor captured = at::zeros({1});
  const Model model = ModelBuilder("Captured", {"models.cpp", 1})
                          .function([captured](at::Tensor x) { return x + captured.add_(1); })
                          .inputs([] { return at::ones({1}); })
                          .build();
  for (const char* device : {"cpu", "cpu"}) {
    const Export traced = export_model(model, ExportKind::kTrace, device);
    EXPECT_EQ(captured.item<float>(), 0);
    ASSERT_EQ(traced.captured().size(), 1U);
    EXPECT_TRUE(traced.captured()[0].is_same(captured));
    EXPECT_EQ(traced.copy().forward({at::ones({1})}).toTensor().item<float>(), 2);
    EXPECT_EQ(traced.copy().forward({at::ones({1})}).toTensor().item<float>(), 2);
  }
}

TEST(Trace, LeavesTheStateAsItWasWhenForwardThrows) {
  const at::Tensor captured = at::zeros({1});
  const Model model = ModelBuilder("Throws", {"models.cpp", 1})
                          .function([captured](at::Tensor x) { return captured.add_(x).view({7}); })
                          .inputs([] { return at::ones({1}); })
                          .build();
  EXPECT_ANY_THROW(export_model(model, ExportKind::kTrace, "cpu"));
  EXPECT_EQ(captured.item<float>(), 0);
}

TEST(Export, CopiesGrowNoCompilationUnit) {
  const Export traced = export_model(tied_model(), ExportKind::kTrace, "cpu");
  const torch::jit::Module first = traced.copy();
  const std::weak_ptr<torch::jit::CompilationUnit> unit =
      traced.copy()._ivalue()->compilation_unit();
  EXPECT_TRUE(unit.expired());  // It went with its module.
  const auto functions = first._ivalue()->compilation_unit()->get_functions().size();
  EXPECT_EQ(functions, 1U);
  const torch::jit::Module second = traced.copy();
  EXPECT_NE(first._ivalue()->compilation_unit(), second._ivalue()->compilation_unit());
  EXPECT_EQ(second._ivalue()->compilation_unit()->get_functions().size(), functions);
}

TEST(Eager, ComesBackFromWhereItsFactoryMovedIt) {
  const Model model = ModelBuilder("OnItsGpu", {"models.cpp", 1})
                          .module([] {
                            torch::nn::Linear linear(3, 2);
                            move_module(*linear, to_device("sim:1"));
                            return linear;
                          })
                          .inputs([] {
                            return at::randn({2, 3}, to_device("sim:1"));
                          })
                          .build();
  const Inputs inputs = make_inputs(model, 0);
  EXPECT_TRUE(inputs[0].toTensor().is_cpu());
  EXPECT_TRUE(make_eager(model).forward(inputs).toTensor().is_cpu());
  EXPECT_NO_THROW(export_model(model, ExportKind::kTrace, "sim:0"));
}

TEST(Trace, LeavesNoTracerBehindWhenForwardThrows) {
  const Model model = ModelBuilder("Throws", {"models.cpp", 1})
                          .function([](at::Tensor x) { return x.view({7}); })
                          .inputs([] { return at::ones({2}); })
                          .build();
  EXPECT_THAT([&] { export_model(model, ExportKind::kTrace, "cpu"); }, Throws<std::exception>());
  EXPECT_NO_THROW(export_model(tied_model(), ExportKind::kTrace, "cpu"));
}

TEST(Script, SeesParametersOfTheModule) {
  const Model model = ModelBuilder("Scripted", {"models.cpp", 1})
                          .module([] { return torch::nn::Linear(3, 2); })
                          .script(
                              "def forward(self, x: Tensor) -> Tensor:\n    return torch.linear(x, "
                              "self.weight, self.bias)\n")
                          .inputs([] {
                            return at::randn({1, 3});
                          })
                          .build();
  EXPECT_THAT(export_kinds(model), ElementsAre(ExportKind::kTrace, ExportKind::kScript));
  const Inputs inputs = make_inputs(model, 0);
  EXPECT_TRUE(export_model(model, ExportKind::kScript, "cpu")
                  .copy()
                  .forward(inputs)
                  .toTensor()
                  .equal(make_eager(model).forward(inputs).toTensor()));
}

TEST(Archive, IsReadFromDisk) {
  const TemporaryFile file("saved.pt");
  export_model(tied_model(), ExportKind::kTrace, "cpu").copy().save(file.path());
  const Model model = ModelBuilder("Saved", {"models.cpp", 1}).archive(file.path()).build();
  EXPECT_THAT(export_kinds(model), ElementsAre(ExportKind::kArchive));
  EXPECT_NO_THROW(export_model(model, ExportKind::kArchive, "unknown").load(c10::kCPU));
}

TEST(Archive, SaysWhichFileIsMissing) {
  const Model model = ModelBuilder("Missing", {"models.cpp", 1}).archive("no_such.pt").build();
  EXPECT_THAT([&] { export_model(model, ExportKind::kArchive, "unknown"); },
              ThrowsMessage<std::runtime_error>(
                  "cannot read archive no_such.pt: No such file or directory"));
}

TEST(Archive, NamesTheDeviceOfItsLiteralsElseOfItsStorages) {
  const TemporaryFile plain("plain.pt");
  export_model(tied_model(), ExportKind::kTrace, "cpu").copy().save(plain.path());
  EXPECT_EQ(Archive(plain.path()).home(), "cpu");

  const TemporaryFile literal("literal.pt");
  torch::jit::Module module("M");
  module.define(
      "def forward(self, x: Tensor) -> Tensor:\n    return x + torch.arange(2, "
      "device=torch.device('cuda:1'))\n");
  module.save(literal.path());
  EXPECT_EQ(Archive(literal.path()).home(), "cuda:1");

  EXPECT_EQ(Archive("no_such.pt").home(), "unknown");
}

}  // namespace
}  // namespace crosstrace
