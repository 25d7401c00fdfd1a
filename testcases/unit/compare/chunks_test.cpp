// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/compare/detail/chunks.h>
#include <crosstrace/devices/simulated/simulated_device.h>
#include <gtest/gtest.h>
#include <unit/compare/plain_comparison.h>
#include <unit/compare/random_pair.h>

#include <algorithm>
#include <string>
#include <vector>

namespace crosstrace {
namespace {

using detail::Chunks;
using detail::kChunkElements;

/// On the simulated device, whose tensors move as those of any device without kernels for it.
class ChunksTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(install_simulated_device(), "");
    device_ = c10::Device("sim:0");
  }

  c10::Device device_{c10::kCPU};
};

TEST_F(ChunksTest, GiveEveryElementOnceAndInOrder) {
  for (const std::int64_t count : {std::int64_t{1}, kChunkElements, 2 * kChunkElements + 3}) {
    const at::Tensor whole = at::arange(count, at::kInt);
    Chunks chunks(whole.to(device_));
    for (std::int64_t done = 0; done < count; done += kChunkElements) {
      const at::Tensor chunk = chunks.next();
      ASSERT_TRUE(chunk.is_cpu());
      ASSERT_EQ(chunk.numel(), std::min(kChunkElements, count - done));
      ASSERT_TRUE(at::equal(chunk, whole.narrow(0, done, chunk.numel())));
    }
  }
}

TEST_F(ChunksTest, FindOneWrongElementInAnyOfThem) {
  const at::Tensor expected = at::rand({2 * kChunkElements + 3}) + 1;
  const at::Tensor close = expected * (1 + 2e-7);
  for (const std::int64_t position :
       {std::int64_t{0}, kChunkElements - 1, kChunkElements, 2 * kChunkElements + 2}) {
    at::Tensor actual = close.clone();
    actual[position] = 7;
    for (const at::Tensor& other : {expected, expected.to(device_)}) {
      const LeafComparison leaf = compare(actual.to(device_), other).leaves.at(0);
      EXPECT_EQ(leaf.mismatched, 1);
      EXPECT_EQ(leaf.worst_index, std::vector<std::int64_t>{position});
    }
  }
  EXPECT_TRUE(compare(close.to(device_), expected).matches());
}

// What is found is what two tensors on the CPU give, the whole message included.
TEST_F(ChunksTest, SayOfRandomPairsWhatTheCpuSays) {
  RandomPairs pairs(25);
  for (int i = 0; i < 1000 && !HasFailure(); ++i) {
    const RandomPair pair = pairs.draw();
    if (pair.expected.scalar_type() == at::kComplexHalf) continue;
    SCOPED_TRACE(testing::Message() << "pair " << i << ": " << pair.description());
    const CompareOptions options{.tolerance = pair.tolerance};
    LeafComparison here = compare(pair.actual, pair.expected, options).leaves.at(0);
    const LeafComparison there =
        compare(pair.actual.to(device_), pair.expected.to(device_), options).leaves.at(0);
    EXPECT_EQ(there.mismatched, here.mismatched);
    EXPECT_EQ(there.nonfinite, here.nonfinite);
    EXPECT_EQ(there.max_abs, here.max_abs);
    EXPECT_EQ(there.max_rel, here.max_rel);
    const auto at = here.message.find(" on cpu)");
    if (at != std::string::npos) here.message.replace(at, 8, " on sim:0)");
    EXPECT_EQ(there.message, here.message);
  }
}

}  // namespace
}  // namespace crosstrace
