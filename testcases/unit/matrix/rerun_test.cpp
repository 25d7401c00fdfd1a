// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/codegen/fuser/interface.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/csrc/jit/tensorexpr/kernel.h>
#include <torch/nn/modules/linear.h>

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

CellResult run(const Model& model) {
  Session session({});
  return Cell(session, model, {"M", ExportKind::kScript, "cpu", Transfer::kTo, "cpu"}).run();
}

/// LibTorch fuses for the CPU too if it is let, with a slow interpreter of its kernels where it was
/// built without LLVM.
class FuserOnTheCpu {
 public:
  FuserOnTheCpu()
      : fuses_(torch::jit::canFuseOnCPU()),
        wants_llvm_(torch::jit::tensorexpr::getTEMustUseLLVMOnCPU()) {
    torch::jit::overrideCanFuseOnCPU(true);
    torch::jit::tensorexpr::getTEMustUseLLVMOnCPU() = false;
  }
  ~FuserOnTheCpu() {
    torch::jit::overrideCanFuseOnCPU(fuses_);
    torch::jit::tensorexpr::getTEMustUseLLVMOnCPU() = wants_llvm_;
  }

 private:
  bool fuses_;
  bool wants_llvm_;
};

constexpr const char* kFusersWord = "with LibTorch's fuser off all 3 calls agree";

TEST(Rerun, NamesTheFuserWhereItIsTheCause) {
  const FuserOnTheCpu fuser;
  const std::string source =
      "def forward(self, x: Tensor):\n    y = torch.tanh(torch.sigmoid(x * 1.1 + 0.3) * x - 0.7)\n"
      "    return torch.exp(y) * torch.sigmoid(y)\n";
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .function([](at::Tensor x) {
                            const at::Tensor y = at::tanh(at::sigmoid(x * 1.1 + 0.3) * x - 0.7);
                            return at::exp(y) * at::sigmoid(y);
                          })
                          .script(source)
                          .inputs([] {
                            return at::randn({64, 64});
                          })
                          .tolerance(0, 0)
                          .build();
  const CellResult result = run(model);
  ASSERT_EQ(result.verdict, Verdict::kUnstable) << result.message;
  EXPECT_THAT(result.message, HasSubstr(kFusersWord));
}

TEST(Rerun, DoesNotBlameTheFuserForWhatItDidNotDo) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .module(
                              [] {
                                torch::nn::Linear linear(4, 4);
                                linear->register_buffer("calls", at::zeros({1}));
                                return linear;
                              },
                              [](torch::nn::LinearImpl&, at::Tensor x) { return x * 2; })
                          .script(
                              "def forward(self, x: Tensor):\n    self.calls.add_(1)\n    return x "
                              "* 2 + (self.calls > 1).float()\n")
                          .inputs([] { return at::randn({3}); })
                          .build();
  const CellResult result = run(model);
  EXPECT_EQ(result.verdict, Verdict::kUnstable);
  EXPECT_THAT(result.message, Not(HasSubstr("fuser")));
}

TEST(Rerun, NamesRandomNumbersOnlyIfTheyAreInTheAnswer) {
  const auto script = [](const std::string& body) {
    return ModelBuilder("M", {"models.cpp", 7})
        .function([](at::Tensor x) { return x * 2; })
        .script("def forward(self, x: Tensor):\n    " + body + "\n")
        .inputs([] { return at::randn({3}); })
        .build();
  };
  Session session({});
  const CellId id = {"M", ExportKind::kScript, "cpu", Transfer::kTo, "cpu"};
  const Model drawn = script("return x * 2 + torch.rand_like(x)");
  const CellResult random = Cell(session, drawn, id).run();
  EXPECT_EQ(random.verdict, Verdict::kMismatch);
  EXPECT_THAT(random.message, HasSubstr("another seed gives another answer"));
  EXPECT_THAT(random.causes, ::testing::Contains(HasSubstr("random-1")));
  Session other({});
  const Model unused = script("return x * 3 + torch.rand_like(x) * 0");
  const CellResult wrong = Cell(other, unused, id).run();
  EXPECT_EQ(wrong.verdict, Verdict::kMismatch);
  EXPECT_THAT(wrong.message, Not(HasSubstr("another seed")));
  EXPECT_THAT(wrong.causes, ::testing::Each(Not(HasSubstr("random-1"))));
}

}  // namespace
}  // namespace crosstrace
