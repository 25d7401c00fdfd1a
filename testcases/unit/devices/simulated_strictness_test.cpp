// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What the simulated device takes and what it refuses, operator by operator, with the exact words.

#include <crosstrace/devices/simulated/simulated_device.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/jit.h>
#include <torch/script.h>

namespace crosstrace {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// In each expression x, y: float [2,3] on sim:0 · w: float [2,3] on sim:1 · h: float [2,3] on the
/// CPU · hi: int64 [2] on the CPU · xi: int64 [2] on sim:0 · hm: bool [2,3] on the CPU · xm: bool
/// [2,3] on sim:0 · hz: float, 0-dim on the CPU · hn: int64, 0-dim on the CPU · xz: float, 0-dim on
/// sim:0 · wz: the same on sim:1.
constexpr const char* kSignature =
    "(x: Tensor, y: Tensor, w: Tensor, h: Tensor, hi: Tensor, xi: Tensor, hm: Tensor, xm: Tensor, "
    "hz: Tensor, hn: Tensor, "
    "xz: Tensor, wz: Tensor)";

torch::jit::Stack make_arguments() {
  const c10::Device sim0("sim:0");
  const c10::Device sim1("sim:1");
  const at::Tensor h = torch::rand({2, 3});
  const at::Tensor hi = torch::tensor({1, 0});
  const at::Tensor hm = torch::tensor({1, 0, 0, 0, 1, 1}).view({2, 3}).to(torch::kBool);
  const at::Tensor hz = torch::tensor(0.5f);
  return {h.to(sim0), h.to(sim0),  h.to(sim1), h.clone(),        hi,          hi.to(sim0),
          hm,         hm.to(sim0), hz,         torch::tensor(1), hz.to(sim0), hz.to(sim1)};
}

struct Case {
  const char* expression;
  const char* refusal;  ///< null: accepted
};

constexpr const char* kTwoDevices =
    "Expected all tensors to be on the same device, but found at least two devices, sim:0 and cpu!";
constexpr const char* kTwoIndices =
    "Expected all tensors to be on the same device, but found at least two devices, sim:0 and "
    "sim:1!";
#define STRICT(argument, other, method)                                              \
  "Expected all tensors to be on the same device, but got " argument " is on " other \
  ", different from other tensors on sim:0 (when checking argument in method " method ")"

constexpr Case kCases[] = {
    // TensorIterator: one 0-dim CPU tensor is taken as a number, nothing else.
    {"x + hz", nullptr},
    {"hz + x", nullptr},
    {"x * hz - hz / x", nullptr},
    {"x + h", kTwoDevices},
    {"h + x", kTwoDevices},
    {"x + w", kTwoIndices},
    {"x + wz", kTwoIndices},
    {"xz + h", kTwoDevices},
    {"x.add_(hz)", nullptr},
    {"h.add_(x)", kTwoDevices},
    {"h.add_(xz)", kTwoDevices},
    {"hz.add_(xz)", kTwoDevices},
    {"torch.add(x, hz, out=y)", nullptr},
    {"torch.add(x, y, out=h)", kTwoDevices},
    {"torch.maximum(x, hz)", nullptr},
    {"x > hz", nullptr},
    {"x > h", kTwoDevices},
    {"torch.pow(x, hz)", nullptr},
    {"torch.atan2(hz, x)", nullptr},
    {"torch.lerp(x, y, hz)", nullptr},
    {"torch.lerp(x, hz, hz)", "Trying to pass too many CPU scalars to non-CPU kernel!"},
    {"torch.addcmul(x, y, hz)", nullptr},
    {"torch.addcmul(x, y, h)", kTwoDevices},
    {"torch.addcdiv(x, h, y)", kTwoDevices},
    {"torch.floor_divide(x, hz)", nullptr},
    {"torch.floor_divide(x, h)", kTwoDevices},
    {"torch.logical_and(x, hz)", nullptr},
    {"torch.logical_and(x, h)", kTwoDevices},
    {"torch.ldexp(x, hn)", nullptr},
    {"torch.ldexp(x, h)", kTwoDevices},
    {"torch.sum(x, [0], out=hz)", kTwoDevices},
    {"torch.all(xm, out=hm)", kTwoDevices},
    {"torch.mse_loss(x, h)", kTwoDevices},
    {"torch.binary_cross_entropy(x, h)", kTwoDevices},
    // Operators that look for themselves.
    {"torch.where(xm, x, hz)", nullptr},
    {"torch.where(xm, hz, hz)", nullptr},
    {"torch.where(hm, x, y)", kTwoDevices},
    {"torch.where(xm, h, y)", kTwoDevices},
    {"x.masked_fill(xm, hz)", nullptr},
    {"x.masked_fill_(hm, 1)",
     "expected self and mask to be on the same device, but got mask on cpu and self on sim:0"},
    {"h.masked_fill_(hm, xz)", "masked_fill_: Expected inputs to be on same device"},
    {"x.fill_(hz)", nullptr},
    {"h.fill_(xz)", nullptr},
    {"x.index_fill_(0, xi, hz)", nullptr},
    {"x.index_fill_(0, hi, 1)", kTwoDevices},
    {"x.bernoulli_(h)", nullptr},
    {"x.copy_(h)", nullptr},
    {"h.copy_(w)", nullptr},
    {"w.copy_(x)", nullptr},
    {"x.to(w)", nullptr},
    {"x.set_(h)",
     "Attempted to set the storage of a tensor on device \"sim:0\" to a storage on different "
     "device \"cpu\""},
    // Indices come from the CPU or from the tensor's device.
    {"x[hi]", nullptr},
    {"x[xi]", nullptr},
    {"x[hm]", nullptr},
    {"x[hn]", nullptr},
    {"w[xi]",
     "indices should be either on cpu or on the same device as the indexed tensor (sim:1)"},
    {"h[xi]", "indices should be either on cpu or on the same device as the indexed tensor (cpu)"},
    {"x.index_put_([hi], y)", nullptr},
    {"x.index_put_([hi], hz)", nullptr},
    {"x.index_put_([hi], h)", kTwoDevices},
    {"x.index_put_([xm], hz.view(1))", nullptr},
    {"x.index_put_([hi], h, accumulate=True)",
     "expected device sim:0 but got device cpu for value tensor"},
    // Every other kernel checks all its tensors, 0-dim ones too.
    {"torch.mm(x, h.t())", STRICT("mat2", "cpu", "aten::mm")},
    {"torch.mm(h, x.t())",
     "Expected all tensors to be on the same device, but got mat2 is on sim:0, different from "
     "other tensors on cpu"},
    {"torch.mm(x, w.t())", STRICT("mat2", "sim:1", "aten::mm")},
    {"torch.mm(x, y.t(), out=h)",
     "Expected all tensors to be on the same device, but got self is on sim:0, different from "
     "other tensors on cpu"},
    {"torch.index_select(x, 0, hi)", STRICT("index", "cpu", "aten::index_select")},
    {"torch.index_select(x, 0, hn)", STRICT("index", "cpu", "aten::index_select")},
    {"torch.cat([x, h])", STRICT("tensors", "cpu", "aten::cat")},
    {"torch.gather(x, 0, hi.view(1, 2))", STRICT("index", "cpu", "aten::gather")},
    {"torch.scatter(x, 0, xi.view(1, 2), h)", STRICT("src", "cpu", "aten::scatter.src")},
    {"torch.embedding(x, hi)", STRICT("index", "cpu", "aten::index_select")},
    {"torch.bmm(x.unsqueeze(0), h.t().unsqueeze(0))", STRICT("mat2", "cpu", "aten::bmm")},
    {"torch.linear(x, h)", STRICT("mat2", "cpu", "aten::mm")},
    {"torch.linear(x, y, h[0, :2])",
     "Expected all tensors to be on the same device, but got mat1 is on sim:0, different from "
     "other tensors on cpu"},
    {"torch.searchsorted(x, hz)", STRICT("self", "cpu", "aten::searchsorted.Tensor")},
    {"torch.clamp(x, hz, hz)", STRICT("min", "cpu", "aten::clamp.Tensor")},
    {"torch.nextafter(x, hz)", STRICT("other", "cpu", "aten::nextafter")},
    {"torch.conv1d(x.unsqueeze(0), h.unsqueeze(0))",
     "Input type (simFloatType) and weight type (CPUFloatType) should be the same"},
    {"torch.conv1d(x.unsqueeze(0), y.unsqueeze(0), hz.view(1))",
     "Input type (simFloatType) and bias type (CPUFloatType) should be the same"},
    {"torch.layer_norm(x, [3], h[0])", STRICT("weight", "cpu", "aten::native_layer_norm")},
    // Lists are worked through tensor by tensor.
    {"torch._foreach_add([x, w], 1.0)", nullptr},
    {"torch._foreach_mul([x, w], [x, w])", nullptr},
    {"torch._foreach_add([x, w], [w, x])", kTwoIndices},
    // What CUDA has no kernel for, and what cannot be held.
    {"torch.histogram(x, 3)",
     "Could not run 'aten::histogram.bin_ct' with arguments from the 'sim' backend. LibTorch has a "
     "CPU kernel for it and "
     "none for CUDA: it runs on the CPU only."},
    {"torch.slow_conv3d(x.view(1, 1, 1, 2, 3), y.view(1, 1, 1, 2, 3), [1, 2, 3])",
     "Could not run 'aten::slow_conv3d_forward' with arguments from the 'sim' backend"},
    {"torch.to_mkldnn(x)", "Could not run 'aten::to_mkldnn' with arguments from the 'sim' backend"},
    {"torch.batch_norm_stats(x, 1e-5)",
     "Could not run 'aten::batch_norm_stats' with arguments from the 'sim' backend. LibTorch has a "
     "CUDA kernel for it and "
     "none for the CPU, on which the simulated device runs: only a real device can tell."},
    {"x.to_sparse()",
     "aten::_to_sparse: the simulated device holds strided tensors only, and this operator's "
     "result is sparse; run it on "
     "the CPU or on a real device"},
    {"torch.quantize_per_tensor(x, 0.1, 0, 12)",
     "aten::quantize_per_tensor: the simulated device holds strided tensors only, and this "
     "operator's result is quantized"},
    {"torch.sparse_coo_tensor(xi.view(1, 2), xz.expand(2))",
     "'sim' backend. The simulated device holds strided tensors only"},
    {"torch.empty([2], device='sim:7')",
     "sim:7 does not exist: the simulated devices are sim:0 and sim:1"},
    {"torch.empty([2], device='sim:0', pin_memory=True)", "Only dense CPU tensors can be pinned"},
    {"x.pin_memory()", ""},
    {"h.pin_memory()", "the simulated device has no pinned memory; leave pin_memory out"},
};

std::string error_of(const char* expression) {
  const auto unit =
      torch::jit::compile(c10::str("def f", kSignature, ":\n    return ", expression, "\n"));
  torch::jit::Stack arguments = make_arguments();
  try {
    unit->get_function("f")(arguments);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TEST(SimulatedStrictness, AcceptsAndRefusesWhatCudaDoes) {
  ASSERT_EQ(install_simulated_device(), "");
  const torch::NoGradGuard no_grad;
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.expression);
    const std::string error = error_of(each.expression);
    if (each.refusal == nullptr) {
      EXPECT_EQ(error, "");
    } else {
      EXPECT_NE(error, "") << "was accepted";
      EXPECT_THAT(error, HasSubstr(each.refusal));
    }
    EXPECT_THAT(error, testing::Not(HasSubstr("cuda:"))) << "must not claim to be CUDA";
  }
}

TEST(SimulatedStrictness, RefusesAGeneratorOfAnotherDevice) {
  ASSERT_EQ(install_simulated_device(), "");
  const at::Tensor tensor = torch::zeros({2}, c10::Device("sim:0"));
  try {
    tensor.normal_(0, 1, at::detail::createCPUGenerator());
    FAIL() << "was accepted";
  } catch (const c10::Error& error) {
    EXPECT_THAT(error.what_without_backtrace(),
                StartsWith("Expected a 'sim' device type for generator but found 'cpu'"));
  }
}

}  // namespace
}  // namespace crosstrace
