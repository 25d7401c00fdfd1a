// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// PATH, KERNEL, INDEX and DTYPE-SHAPE: what runs depends on the device, cannot run there, names a
// device by number, or fits only what was traced.

#include <torch/types.h>

#include "zoo/zoo.h"

namespace crosstrace::zoo {
namespace {

// The branch is gone from the trace: each trace holds the way of its own device.
CROSSTRACE_REGISTER(BranchOnDevice)
    .function([](at::Tensor x) { return x.is_cpu() ? x * 2 : x * 3; })
    .inputs([] { return torch::randn({3}); })
    .expect_failure(!traced_on("cpu"), Verdict::kMismatch, "differ");
ZOO_ENTRY(BranchOnDevice, "PATH").beyond_rules();

CROSSTRACE_REGISTER(ScriptedBranchOnDevice)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    if x.device.type == "cpu":
        x = x * 2.0
    else:
        x = x * 3.0
    return x
)")
    .inputs([] { return torch::randn({3}); })
    .expect_failure(elsewhere(), Verdict::kMismatch, "differ");
ZOO_ENTRY(ScriptedBranchOnDevice, "PATH").note("device-branch", "prim::If").beyond_rules();

// Both ways give the same answer.
CROSSTRACE_REGISTER(HarmlessBranchOnDevice)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    if x.is_cuda:
        x = x + x
    else:
        x = x * 2.0
    return x
)")
    .inputs([] { return torch::randn({3}); });
ZOO_ENTRY(HarmlessBranchOnDevice, "good");

CROSSTRACE_REGISTER(NoKernelForHistogram)
    .function([](at::Tensor x) { return std::get<0>(torch::histogram(x, 4)); })
    .inputs([] { return torch::randn({30}); })
    .expect_failure(!traced_on("cpu") || !run_on("cpu"), Verdict::kError, "histogram");
ZOO_ENTRY(NoKernelForHistogram, "KERNEL").error("missing-kernel", "aten::histogram");

// Lengths must be on the CPU whatever the device of the sequence.
CROSSTRACE_REGISTER(PackedLengths)
    .function([](at::Tensor x, at::Tensor lengths) {
      return std::get<0>(torch::_pack_padded_sequence(x, lengths, /*batch_first=*/true));
    })
    .inputs([] {
      return arguments(torch::randn({2, 4, 3}), torch::tensor({4, 2}));
    })
    .expect_failure(!traced_on("cpu") || !run_on("cpu"), Verdict::kError, "CPU int64");
ZOO_ENTRY(PackedLengths, "KERNEL")
    .error("missing-kernel", "aten::_pack_padded_sequence")
    .beyond_rules();

// Index-less `cuda` means the current device, which no server sets for each request.
CROSSTRACE_REGISTER(CudaWithoutIndex)
    .function([](at::Tensor x) { return x + torch::arange(3, x.options()); })
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    return x + torch.arange(3, device=torch.device("cuda"))
)")
    .inputs([] { return torch::randn({3}); })
    .expect_failure(exported_by(ExportKind::kScript), Verdict::kError, "CUDA")
    .expect_failure(moved(), Verdict::kError, kMixed);
ZOO_ENTRY(CudaWithoutIndex, "INDEX")
    .error("device-literal", "aten::arange")
    .note("device-ordinal", "aten::arange", 1, exported_by(ExportKind::kScript))
    .automatic(exported_by(ExportKind::kTrace));  // The script's home is a GPU.

CROSSTRACE_REGISTER(NamesItsOrdinal)
    .function([](at::Tensor x) { return x + torch::arange(3, x.options()); })
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    return x + torch.arange(3, device=torch.device("sim:1"))
)")
    .inputs([] { return torch::randn({3}); })
    .expect_failure(exported_by(ExportKind::kScript) && !run_on("sim:1"), Verdict::kError, kMixed)
    .expect_failure(exported_by(ExportKind::kTrace) && moved(), Verdict::kError, kMixed);
ZOO_ENTRY(NamesItsOrdinal, "INDEX")
    .error("device-literal", "aten::arange")
    .note("device-ordinal", "aten::arange", 1, exported_by(ExportKind::kScript))
    .automatic();

CROSSTRACE_REGISTER(BatchBaked)
    .function([](at::Tensor x) {
      return torch::relu(x).view({x.size(0), -1});
    })
    .inputs([] {
      return torch::randn({2, 3, 4});
    })
    .inputs([] {
      return torch::randn({3, 3, 4});
    })
    .expect_failure(any_cell(), Verdict::kWrongShape, "shape");
ZOO_ENTRY(BatchBaked, "DTYPE-SHAPE").note("baked-shape", "aten::view").beyond_rules();

CROSSTRACE_REGISTER(DtypeBaked)
    .function([](at::Tensor x) { return torch::relu(x).to(x.scalar_type()) * 2; })
    .inputs([] {
      return torch::randn({2, 3});
    })
    .inputs([] {
      return torch::randn({2, 3}, torch::kDouble);
    })
    .expect_failure(any_cell(), Verdict::kWrongDtype, "dtype Float, expected Double");
ZOO_ENTRY(DtypeBaked, "DTYPE-SHAPE").beyond_rules();

}  // namespace
}  // namespace crosstrace::zoo
