// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Methods other than forward: each has a matrix of its own.

#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/plan.h>
#include <crosstrace/models/register.h>
#include <crosstrace/models/registry.h>
#include <gmock/gmock.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

/// forward moves, encode does not; both share a weight, and encode has a default.
Model speech() {
  return ModelBuilder("Speech", {"speech.cpp", 3})
      .module([] { return torch::nn::Linear(4, 4); })
      .script(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.linear(x, self.weight, self.bias)
def encode(self, x: Tensor, offset: int = 2) -> Tensor:
    return self.forward(x) + torch.arange(4) * offset
)")
      .inputs([] {
        return torch::randn({2, 4});
      })
      .inputs("encode",
              [] {
                return torch::randn({3, 4});
              })
      .build();
}

TEST(Methods, HaveCellsOfTheirOwnExceptInATrace) {
  const auto cells = plan_cells(speech(), {"cpu", "sim:0"});
  EXPECT_THAT(cells, SizeIs(30));
  EXPECT_THAT(cells, ::testing::Contains(CellId{"Speech", ExportKind::kScript, "cpu", Transfer::kTo,
                                                "sim:0", "encode"}));
  const auto traces_encode = [](const CellId& id) {
    return id.export_kind == ExportKind::kTrace && id.method == "encode";
  };
  EXPECT_EQ(std::count_if(cells.begin(), cells.end(), traces_encode), 0);
  EXPECT_EQ(cells.back().name(), "Speech__script_sim0__encode__load__sim0");
  EXPECT_EQ(cells.back().describe(), "Speech: script made on sim:0, encode, load, run on sim:0");
}

TEST(Methods, AreJudgedAndDiagnosedEachByItself) {
  const std::vector<Model> methods = methods_of(speech());
  ASSERT_THAT(methods, SizeIs(2));
  Session session({});
  CellId id{"Speech", ExportKind::kScript, "cpu", Transfer::kTo, "sim:0"};
  const CellResult forward = Cell(session, methods[0], id).run();
  EXPECT_EQ(forward.verdict, Verdict::kMatch) << forward.message;
  EXPECT_THAT(forward.outputs.at(0).shape, ElementsAre(2, 4));
  id.method = "encode";
  const CellResult encode = Cell(session, methods[1], id).run();
  EXPECT_EQ(encode.verdict, Verdict::kError);
  EXPECT_THAT(encode.message, HasSubstr("same device"));
  EXPECT_THAT(encode.causes, ElementsAre("Speech__script_cpu__implicit-cpu-1"));
  id.run_device = "cpu";
  const CellResult at_home = Cell(session, methods[1], id).run();
  EXPECT_EQ(at_home.verdict, Verdict::kMatch) << at_home.message;
  EXPECT_THAT(at_home.outputs.at(0).shape, ElementsAre(3, 4));
}

TEST(Methods, OfACellAndItsModelAreTheSame) {
  const Model model = speech();
  Session session({});
  EXPECT_THAT(
      [&] {
        Cell(session, model,
             {"Speech", ExportKind::kScript, "cpu", Transfer::kTo, "cpu", "encode"});
      },
      ThrowsMessage<std::invalid_argument>("a cell of encode was given the inputs of forward"));
}

TEST(Methods, AreNarrowedToAnOperatorWithTheirDefaults) {
  const Model model = ModelBuilder("M", {"m.cpp", 1})
                          .script(
                              "def encode(self, x: Tensor, scale: float = 2.0) -> Tensor:\n"
                              "    y = x * scale\n"
                              "    return y if x.device.type == 'cpu' else torch.relu(y)\n")
                          .inputs("encode", [] { return torch::randn({8}); })
                          .build();
  EXPECT_EQ(why_unusable(model), "");
  const std::vector<Model> methods = methods_of(model);
  ASSERT_THAT(methods, SizeIs(1));
  Session session({});
  const CellResult result =
      Cell(session, methods[0], {"M", ExportKind::kScript, "cpu", Transfer::kTo, "sim:0", "encode"})
          .run();
  EXPECT_EQ(result.verdict, Verdict::kMismatch) << result.message;
  EXPECT_THAT(result.causes, ::testing::Contains(HasSubstr("device-branch")));
}

TEST(Methods, AreNotOfATraceAlone) {
  const Model model = ModelBuilder("Traced", {"traced.cpp", 5})
                          .module([] { return torch::nn::Linear(4, 4); })
                          .inputs("encode",
                                  [] {
                                    return torch::randn({2, 4});
                                  })
                          .build();
  EXPECT_EQ(why_unusable(model),
            "traced.cpp:5: model Traced has inputs of encode, but a trace has forward alone; give "
            ".script(), or call it in .module(factory, [](Net& net, torch::Tensor x) { return "
            "net.encode(x); })");
}

TEST(Methods, AreFoundByTheirCells) {
  Registry registry;
  registry.add(speech());
  EXPECT_THAT(registry.models(), SizeIs(1));
  CellId id{"Speech", ExportKind::kScript, "cpu", Transfer::kTo, "cpu"};
  EXPECT_EQ(registry.find(id)->method, "forward");
  id.method = "encode";
  EXPECT_EQ(registry.find(id)->method, "encode");
  id.method = "decode";
  EXPECT_EQ(registry.find(id), nullptr);
}

}  // namespace
}  // namespace crosstrace
