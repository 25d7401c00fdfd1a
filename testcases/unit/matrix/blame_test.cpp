// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// How long a failing cell is searched for the first operator that differs.

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>
#include <torch/library.h>

#include <chrono>
#include <string>
#include <thread>

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

int calls_of_slow = 0;

at::Tensor slow(const at::Tensor& x) {
  ++calls_of_slow;
  std::this_thread::sleep_for(std::chrono::milliseconds(8));
  return x + 1;
}
at::Tensor right(const at::Tensor& x) { return x * 2; }
at::Tensor wrong(const at::Tensor& x) { return x * 2 + 1; }

TORCH_LIBRARY(ct_patience, library) {
  library.def("slow(Tensor x) -> Tensor");
  library.def("twice(Tensor x) -> Tensor");
  for (const auto key : {c10::DispatchKey::CPU, c10::DispatchKey::PrivateUse1}) {
    library.impl("slow", torch::dispatch(key, slow));
  }
  library.impl("twice", c10::DispatchKey::CPU, right);
  library.impl("twice", c10::DispatchKey::PrivateUse1, wrong);
}

at::Tensor call(const char* name, const at::Tensor& x) {
  return c10::Dispatcher::singleton()
      .findSchemaOrThrow((std::string("ct_patience::") + name).c_str(), "")
      .typed<at::Tensor(const at::Tensor&)>()
      .call(x);
}

/// What a cell on sim:0 says of a model that is wrong at its first operator, and does more after it.
CellResult run(int slow_operators, BlameMode mode) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .function([=](at::Tensor x) {
                            x = call("twice", x);
                            for (int i = 0; i < slow_operators; ++i) x = call("slow", x);
                            return x;
                          })
                          .inputs([] { return at::rand({4}); })
                          .build();
  Session session({.blame = mode});
  Cell cell(session, model, {"M", ExportKind::kTrace, "cpu", Transfer::kTo, "sim:0"});
  (void)session.reference(model);
  calls_of_slow = 0;
  return cell.run();
}

TEST(Blame, NamesTheOperatorOfAQuickModelByDefault) {
  EXPECT_THAT(run(0, BlameMode::kAuto).message, HasSubstr("first differs at ct_patience::twice"));
}

TEST(Blame, NamesNoOperatorIfItIsToldSo) {
  const CellResult result = run(0, BlameMode::kNone);
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_THAT(result.message, Not(HasSubstr("first differs")));
}

/// Three calls of 40 operators of 8 ms are a second.
TEST(Blame, CostsLessThanTenPassingCells) {
  const CellResult result = run(40, BlameMode::kAuto);
  EXPECT_THAT(result.message, HasSubstr("first differs at ct_patience::twice"));
  EXPECT_GT(calls_of_slow, 3 * 40);
  EXPECT_LT(calls_of_slow, 10 * 3 * 40);
}

}  // namespace
}  // namespace crosstrace
