// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/on_cpu.h>
#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace crosstrace {
namespace {

TEST(OnCpu, StaysWhereEverythingElseMoves) {
  const at::Tensor lengths = at::full({2}, 6, at::kLong);
  const c10::IValue pair = std::make_tuple(std::vector<at::Tensor>{on_cpu(lengths)}, lengths);
  const c10::IValue moved = move_value(copy_value(pair), to_device("sim:0"));
  const auto& elements = moved.toTupleRef().elements();
  EXPECT_TRUE(elements[0].toTensorVector()[0].is_cpu());
  EXPECT_EQ(elements[1].toTensor().device(), to_device("sim:0"));
}

TEST(OnCpu, MarksAnotherTensorWithTheSameElements) {
  const at::Tensor x = at::zeros({2});
  const at::Tensor stays = on_cpu(x);
  EXPECT_FALSE(stays_on_cpu(x));
  EXPECT_TRUE(stays_on_cpu(stays));
  stays.fill_(3);
  EXPECT_EQ(x.sum().item<float>(), 6);
  EXPECT_FALSE(stays_on_cpu(stays + 1));
  EXPECT_FALSE(stays_on_cpu(stays.clone()));
}

TEST(OnCpu, IsKeptByACopyAndSharesNothingWithIt) {
  const at::Tensor stays = on_cpu(at::zeros({2}));
  const at::Tensor copy = copy_value(stays).toTensor();
  EXPECT_TRUE(stays_on_cpu(copy));
  copy.fill_(1);
  EXPECT_EQ(stays.sum().item<float>(), 0);
}

TEST(OnCpu, BringsWhatIsElsewhere) {
  EXPECT_TRUE(on_cpu(at::ones({2}, to_device("sim:0"))).is_cpu());
  EXPECT_FALSE(on_cpu(at::Tensor()).defined());
}

}  // namespace
}  // namespace crosstrace
