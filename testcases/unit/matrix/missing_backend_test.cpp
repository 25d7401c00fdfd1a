// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/matrix/missing_backend.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(MissingBackend, IsOneSentenceInsteadOfATable) {
  const auto failure = guarded([] { (void)at::empty({2}, c10::Device("mps:0")); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->message, "aten::empty on mps: no MPS here");
}

TEST(MissingBackend, IsOneSentenceAboveTorchScriptsTraceback) {
  torch::jit::Module module("M");
  module.define("def forward(self, x: Tensor):\n    return x + torch.zeros([3], device='mps:0')\n");
  const auto failure = guarded([&] { (void)module.forward({at::ones({3})}); });
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, StartsWith("aten::empty on mps: no MPS here\n"));
  EXPECT_THAT(failure->message, HasSubstr("Traceback of TorchScript"));
  EXPECT_THAT(failure->message, Not(HasSubstr("registered at")));
}

TEST(MissingBackend, IsADeviceThatHasNoGuard) {
  EXPECT_EQ(shorten_missing_backend("PyTorch is not linked with support for mps devices"),
            "a device of mps: no MPS here");
}

TEST(MissingBackend, IsNotAKernelThatABackendLacks) {
  EXPECT_EQ(shorten_missing_backend(
                "Could not run 'aten::histc' with arguments from the 'CPU' backend. This could be "
                "because... 'aten::histc' is only available for these backends: [Meta].\n\nMeta: "
                "registered at somewhere\n"),
            "aten::histc has no CPU kernel");
}

TEST(MissingBackend, LeavesOtherTextAlone) {
  for (const char* text :
       {"division by zero", "Could not run", "Could not run 'aten::histc'",
        "Could not run 'aten::histc' with arguments from the 'sim' backend. LibTorch has a CPU "
        "kernel for it and none for CUDA: it runs on the CPU only."}) {
    EXPECT_EQ(shorten_missing_backend(text), text);
  }
}

TEST(MissingBackend, NamesItsDeviceType) {
  EXPECT_EQ(missing_backend("aten::empty on cuda: no CUDA here"), "cuda");
  EXPECT_EQ(missing_backend("call 1 of 3: aten::empty on mps: no MPS here"), "mps");
  EXPECT_EQ(missing_backend("a device of xpu: no XPU here"), "xpu");
  EXPECT_EQ(missing_backend("aten::histc has no CUDA kernel"), "");
  EXPECT_EQ(missing_backend("nobody is here"), "");
}

}  // namespace
}  // namespace crosstrace
