// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/register.h>
#include <crosstrace/models/registry.h>
#include <gmock/gmock.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/rnn.h>
#include <torch/types.h>

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

ModelBuilder builder(const std::string& name = "M") {
  return ModelBuilder(name, {"models.cpp", 7});
}
at::Tensor identity(at::Tensor x) { return x; }
at::Tensor ones() { return at::ones({2}); }

struct ByValue : torch::nn::Module {
  at::Tensor forward(const at::Tensor& x) { return x + 1; }
};

at::Tensor call(Model model, Inputs inputs) { return model.eager().forward(inputs).toTensor(); }

TEST(Register, TakesAHolderASharedPointerAndAValue) {
  EXPECT_EQ(
      call(builder().module([] { return torch::nn::Flatten(); }).build(), {at::ones({2, 3, 4})})
          .dim(),
      2);
  EXPECT_TRUE(call(builder().module([] { return std::make_shared<ByValue>(); }).build(), {ones()})
                  .equal(ones() + 1));
  EXPECT_TRUE(call(builder().module([] { return ByValue(); }).build(), {ones()}).equal(ones() + 1));
}

TEST(Register, CallsAForwardThatIsATemplate) {
  auto model =
      builder()
          .module([] { return torch::nn::Sequential(torch::nn::ReLU(), torch::nn::Tanh()); })
          .build();
  EXPECT_TRUE(call(model, {ones()}).equal(ones().tanh()));
  EXPECT_THAT(
      [&] {
        call(model, {ones(), ones(), ones(), ones()});
      },
      ThrowsMessage<std::invalid_argument>(
          "forward is overloaded and takes no 4 tensors; give .module(factory, "
          "[](auto& module, ...) { ... })"));
}

TEST(Register, LeavesOutTrailingOptionalArguments) {
  auto lstm = builder().module([] { return torch::nn::LSTM(3, 4); }).build();
  EXPECT_TRUE(lstm.eager().forward({at::randn({5, 2, 3})}).isTuple());
}

TEST(Register, PassesNestedValuesAndScalars) {
  auto model =
      builder()
          .function([](std::vector<at::Tensor> list, c10::Dict<std::string, at::Tensor> dict,
                       std::tuple<at::Tensor, int64_t> pair, std::optional<double> scale) {
            return (list[0] + dict.at("x") + std::get<0>(pair) * std::get<1>(pair)) *
                   scale.value_or(10);
          })
          .build();
  c10::Dict<std::string, at::Tensor> dict;
  dict.insert("x", ones());
  const Inputs inputs =
      arguments(std::vector<at::Tensor>{ones()}, dict, std::make_tuple(ones(), int64_t{3}));
  EXPECT_TRUE(call(model, inputs).equal(ones() * 50));
}

TEST(Register, CountsArguments) {
  auto model = builder().function(identity).build();
  EXPECT_THAT([&] { call(model, {}); },
              ThrowsMessage<std::invalid_argument>("forward takes 1 arguments, .inputs() gives 0"));
  EXPECT_THAT(
      [&] {
        call(model, {ones(), ones()});
      },
      ThrowsMessage<std::invalid_argument>("forward takes 1 arguments, .inputs() gives 2"));
}

TEST(Register, SaysWhatIsMissing) {
  EXPECT_EQ(why_unusable(builder().inputs(ones).build()),
            "models.cpp:7: model M has nothing to call; add .module(), .function(), .script() or "
            ".archive()");
  EXPECT_EQ(
      why_unusable(builder().function(identity).build()),
      "models.cpp:7: model M has no inputs; add .inputs([] { return torch::randn({1, 10}); })");
  EXPECT_EQ(why_unusable(builder().function(identity).archive("m.pt").inputs(ones).build()),
            "models.cpp:7: model M is an archive and something else; register them as two models");
  EXPECT_THAT(why_unusable(builder("A__B").function(identity).inputs(ones).build()),
              HasSubstr("has two in a row"));
  EXPECT_THAT(why_unusable(builder().function(identity).inputs(ones).tolerance(-1, 0).build()),
              HasSubstr("models.cpp:7: model M cannot be registered: "));
}

TEST(Register, RefusesAnExpectationThatAnythingWouldMeet) {
  const std::string line =
      "models.cpp:7: model M cannot be registered: expect_failure needs a verdict that is a "
      "failure and words of its message";
  auto with = [](Verdict verdict, const std::string& cause) {
    return why_unusable(builder()
                            .function(identity)
                            .inputs(ones)
                            .expect_failure(any_cell(), verdict, cause)
                            .build());
  };
  EXPECT_EQ(with(Verdict::kError, ""), line);
  EXPECT_EQ(with(Verdict::kMatch, "all is well"), line);
  EXPECT_EQ(with(Verdict::kError, "a cause"), "");
}

TEST(Register, KeepsTheFirstOfTwoModelsOfOneName) {
  Registry registry;
  registry.add(builder("Twin").function(identity).inputs(ones).build());
  registry.add(ModelBuilder("Twin", {"other.cpp", 9}).function(identity).inputs(ones).build());
  EXPECT_EQ(registry.models().size(), 1U);
  EXPECT_THAT(registry.problems(), ElementsAre("other.cpp:9: a model named Twin is already "
                                               "registered at models.cpp:7; rename one of them"));
}

TEST(Register, ChoosesCellsByExpectation) {
  const Model model =
      builder()
          .expect_failure(moved() && run_on("sim") && !traced_on("cuda:0"), Verdict::kError,
                          "first")
          .expect_failure(transferred_by(Transfer::kLoad) || exported_by(ExportKind::kScript),
                          Verdict::kError, "second")
          .build();
  auto cause = [&](ExportKind kind, std::string from, Transfer transfer, std::string to) {
    const Expectation* found = find_expectation(model, {"M", kind, from, transfer, to});
    return found == nullptr ? "none" : found->cause.text();
  };
  EXPECT_EQ(cause(ExportKind::kTrace, "cpu", Transfer::kTo, "sim:1"), "first");
  EXPECT_EQ(cause(ExportKind::kTrace, "cuda:0", Transfer::kLoad, "sim:1"), "second");
  EXPECT_EQ(cause(ExportKind::kScript, "sim:0", Transfer::kTo, "sim:0"), "second");
  EXPECT_EQ(cause(ExportKind::kTrace, "cpu", Transfer::kTo, "cpu"), "none");
}

TEST(Filters, ChooseByModelMethodAndSimulation) {
  const CellId on_sim{"M", ExportKind::kTrace, "cpu", Transfer::kTo, "sim:1"};
  const CellId from_sim{"M", ExportKind::kScript, "sim:0", Transfer::kTo, "cpu", "encode"};
  const CellId on_cuda{"N", ExportKind::kTrace, "cpu", Transfer::kTo, "cuda:0"};
  const CellId archive{"N", ExportKind::kArchive, "sim:0", Transfer::kLoad, "cpu"};
  const auto chosen = [&](const CellFilter& filter) {
    std::string text;
    for (const CellId& id : {on_sim, from_sim, on_cuda, archive}) text += filter(id) ? 'x' : '-';
    return text;
  };
  EXPECT_EQ(chosen(any_cell()), "xxxx");
  EXPECT_EQ(chosen(of_model("M")), "xx--");
  EXPECT_EQ(chosen(!of_model("M")), "--xx");
  EXPECT_EQ(chosen(of_method("encode")), "-x--");
  EXPECT_EQ(chosen(is_simulated()), "xx--");  // An archive needs its run device alone.
  EXPECT_EQ(chosen(!is_simulated() && of_model("N")), "--xx");
  EXPECT_EQ(chosen((of_model("M") && run_on("sim:1")) || run_on("cuda")), "x-x-");
  EXPECT_EQ(chosen(traced_on("sim")), "-x-x");
}

TEST(Filters, ChooseOutputs) {
  const CellId id{"M", ExportKind::kTrace, "cpu", Transfer::kTo, "cuda:0"};
  const auto chooses = [&](const OutputFilter& filter, const std::string& path) {
    return filter({id, path, "Half"});
  };
  EXPECT_TRUE(chooses(at_output("output[1]"), "output[1]"));
  EXPECT_TRUE(chooses(at_output("output[1]"), "output[1].boxes"));
  EXPECT_TRUE(chooses(at_output("output[1]"), "output[1][0]"));
  EXPECT_FALSE(chooses(at_output("output[1]"), "output[10]"));
  EXPECT_FALSE(chooses(at_output("output[1]"), "output"));
  EXPECT_TRUE(chooses(of_dtype(at::kHalf), "output"));
  EXPECT_FALSE(chooses(!of_dtype(at::kHalf), "output"));
  EXPECT_TRUE(chooses(run_on("cuda") && of_dtype(at::kHalf), "output"));
  EXPECT_FALSE(chooses(of_dtype(at::kHalf) && run_on("cpu"), "output"));
  EXPECT_TRUE(chooses(run_on("cpu") || at_output("output"), "output[3]"));
}

TEST(Register, RefusesATableOfTolerancesThatIsWrongAndALevelWithoutAReason) {
  EXPECT_THAT(
      why_unusable(
          builder().function(identity).inputs(ones).tolerance(run_on("cuda"), 0, -1).build()),
      HasSubstr("models.cpp:7: model M cannot be registered: "));
  EXPECT_EQ(
      why_unusable(
          builder().function(identity).inputs(ones).inspection(InspectionLevel::kOff, "").build()),
      "models.cpp:7: model M cannot be registered: inspection() needs to say why it has "
      "another level");
}

TEST(FailureCause, IsWordsOrAPredicate) {
  const FailureCause words = "no kernel";
  EXPECT_TRUE(words.accepts("there is no kernel here"));
  EXPECT_FALSE(words.accepts("there is none"));
  EXPECT_EQ(words.text(), "no kernel");
  const FailureCause shorter({[](const std::string& cause) { return cause.size() < 9; }, "short"});
  EXPECT_TRUE(shorter.accepts("none"));
  EXPECT_FALSE(shorter.accepts("no kernel at all"));
}

}  // namespace
}  // namespace crosstrace
