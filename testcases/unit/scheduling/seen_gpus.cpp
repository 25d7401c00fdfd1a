// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// A program with GoogleTest's main(), each of whose models says which GPUs CUDA would show it and
// when. It waits a while for another one, so that two which may run at a time do.
//   SEEN_FOLDER   where each model writes <model>.start and <model>.seen
//   SEEN_PATIENCE seconds to wait

#include <ATen/ops/randn.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/gtest/portability_test.h>
#include <crosstrace/models/register.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

namespace {

at::Tensor twice(const at::Tensor& x) { return x.mul(2); }

at::Tensor numbers() { return at::randn({2, 3}); }

CROSSTRACE_REGISTER(First).function(twice).inputs(numbers);
CROSSTRACE_REGISTER(Second).function(twice).inputs(numbers);

std::filesystem::path folder() { return std::getenv("SEEN_FOLDER"); }

/// Microseconds, which are less than the making of a file takes.
long long now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void wait_for(const std::filesystem::path& file) {
  const long long end = now() + 1000000 * std::atoll(std::getenv("SEEN_PATIENCE"));
  while (now() < end && !std::filesystem::exists(file))
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

/// Has the parameters, and so the names, of tests of cells, and runs where their devices are absent.
class Gpus : public ::testing::TestWithParam<crosstrace::CellId> {};

TEST_P(Gpus, AreSeen) {
  const std::string model = GetParam().model;
  static std::set<std::string> done;
  if (!done.insert(model).second) return;
  const long long start = now();
  std::ofstream(folder() / (model + ".start")) << start;
  const crosstrace::DeviceInfo cuda = crosstrace::probe_device("cuda:0");
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
  wait_for(folder() / (model == "First" ? "Second.start" : "First.start"));
  std::ofstream(folder() / (model + ".seen"))
      << start << ' ' << now() << ' ' << (visible == nullptr ? "unset" : visible);
  EXPECT_NE(cuda.state, crosstrace::DeviceState::kBroken) << cuda.reason;
}

CROSSTRACE_INSTANTIATE(Gpus);

}  // namespace
