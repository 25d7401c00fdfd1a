// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

CellResult run(const Model& model, std::uint64_t seed = 0) {
  RunOptions options;
  options.seed = seed;
  Session session(options);
  return Cell(session, model, {"M", ExportKind::kTrace, "cpu", Transfer::kTo, "cpu"}).run();
}

TEST(Blindness, IsNotThatOfAClassifierWithAStrongBias) {
  // Inputs of the size of one never outweigh it.
  const at::Tensor bias = at::tensor({0.0f, 5000.0f, 0.0f});
  const Model model =
      ModelBuilder("M", {"models.cpp", 7})
          .function([bias](at::Tensor x) { return x.narrow(1, 0, 3).add(bias).argmax(1); })
          .inputs([] {
            return at::randn({1, 4});
          })
          .build();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const CellResult result = run(model, seed);
    EXPECT_EQ(result.verdict, Verdict::kMatch) << seed << ": " << result.message;
  }
}

TEST(Blindness, IsNotThatOfARareInteger) {
  const Model model =
      ModelBuilder("M", {"models.cpp", 7})
          .function([](at::Tensor ids) { return (ids == ids.min()).all().view({1}); })
          .inputs([] { return at::randint(0, 1000000, {64}); })
          .build();
  const CellResult result = run(model);
  EXPECT_EQ(result.verdict, Verdict::kMatch) << result.message;
}

TEST(Blindness, IsSeenOfOneThatOnlyOverflows) {
  const Model model =
      ModelBuilder("M", {"models.cpp", 7})
          .function([](at::Tensor x) { return x.exp().mul(0) + at::arange(4).to(x.scalar_type()); })
          .inputs([] { return at::randn({4}); })
          .build();
  const CellResult result = run(model);
  EXPECT_EQ(result.verdict, Verdict::kUntrusted);
  EXPECT_THAT(result.message, StartsWith("the answer is the same for "));
}

TEST(Trusted, IsTheDeclaredWayOut) {
  const auto zeros = [](at::Tensor x) { return x.abs() * 0; };
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .function(zeros)
                          .inputs([] { return at::randn({4}); })
                          .trusted("a mask of a scene without objects")
                          .build();
  const CellResult result = run(model);
  EXPECT_EQ(result.verdict, Verdict::kMatch);
  EXPECT_EQ(
      result.message,
      "every output is constant: all 4 elements are 0; trusted all the same: a mask of a scene "
      "without objects");
}

TEST(Trusted, HidesNoFailure) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .function([](at::Tensor x) { return x * 0; })
                          .script("def forward(self, x: Tensor):\n    return x * 0 + 1\n")
                          .inputs([] { return at::randn({4}); })
                          .trusted("zero is the answer")
                          .build();
  Session session({});
  EXPECT_EQ(
      Cell(session, model, {"M", ExportKind::kScript, "cpu", Transfer::kTo, "cpu"}).run().verdict,
      Verdict::kMismatch);
}

TEST(Trusted, NeedsToSayWhy) {
  const Model model = ModelBuilder("M", {"models.cpp", 7})
                          .function([](at::Tensor x) { return x; })
                          .inputs([] { return at::randn({4}); })
                          .trusted("")
                          .build();
  EXPECT_THAT(why_unusable(model), HasSubstr("trusted() needs to say why"));
}

}  // namespace
}  // namespace crosstrace
