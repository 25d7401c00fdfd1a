// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Expressions with what the simulated device says to them. Those that need one device alone are
/// asked of CUDA too (cuda_rules/).
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/ivalue.h>

#include <string>
#include <vector>

namespace crosstrace {

/// In each expression x, y: float [2,3] on sim:0 · w: float [2,3] on sim:1 · h: float [2,3] on the
/// CPU · hi: int64 [2] on the CPU · xi: int64 [2] on sim:0 · hm: bool [2,3] on the CPU · xm: bool
/// [2,3] on sim:0 · hz: float, 0-dim on the CPU · hn: int64, 0-dim on the CPU · xz: float, 0-dim on
/// sim:0 · wz: the same on sim:1.
inline std::vector<std::string> strict_argument_names() {
  return {"x", "y", "w", "h", "hi", "xi", "hm", "xm", "hz", "hn", "xz", "wz"};
}

inline std::vector<c10::IValue> strict_arguments(c10::Device first, c10::Device second) {
  const at::Tensor h = at::arange(6).view({2, 3}) / 7.0;
  const at::Tensor hi = at::tensor({1, 0}, at::kLong);
  const at::Tensor hm = at::tensor({1, 0, 0, 0, 1, 1}).view({2, 3}).to(at::kBool);
  const at::Tensor hz = at::scalar_tensor(0.5f);
  const auto copy = [](const at::Tensor& tensor, c10::Device device) {
    return tensor.to(device, tensor.scalar_type(), false, /*copy=*/true);
  };
  return {copy(h, first),
          copy(h, first),
          copy(h, second),
          h,
          hi,
          copy(hi, first),
          hm,
          copy(hm, first),
          hz,
          at::scalar_tensor(1, at::kLong),
          copy(hz, first),
          copy(hz, second)};
}

struct StrictCase {
  const char* expression;
  const char* refusal;  ///< null: accepted
};

inline constexpr const char* kTwoDevices =
    "Expected all tensors to be on the same device, but found at least two devices, sim:0 and cpu!";
inline constexpr const char* kTwoIndices =
    "Expected all tensors to be on the same device, but found at least two devices, sim:0 and "
    "sim:1!";
#define STRICT(argument, other, method)                                              \
  "Expected all tensors to be on the same device, but got " argument " is on " other \
  ", different from other tensors on sim:0 (when checking argument in method " method ")"

inline constexpr StrictCase kStrictCases[] = {
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
    {"torch.ldexp(x, hn)", kTwoDevices},
    {"torch.ldexp(x, h)", kTwoDevices},
    {"torch.sum(x, [0], out=hz)", "Expected out tensor to have device sim:0, but got cpu instead"},
    {"torch.all(xm, out=hm)", "Expected out tensor to have device sim:0, but got cpu instead"},
    {"torch.sum(h, [0], out=xz)", "simGuardImpl initialized with non-sim DeviceType: cpu"},
    {"torch.mse_loss(x, h)", kTwoDevices},
    // Kernels that do not read a CPU scalar, or not every one.
    {"torch.addcmul(hz, x, y)",
     "CPU Scalar support for self argument is not supported when calling addcmul on sim tensors."},
    {"torch.addcmul(x, hz, y)",
     "CPU Scalar support for tensor1 argument is not supported when calling addcmul on sim "
     "tensors."},
    {"torch.lerp(x, hz, 0.5)", "argument 2: expected a sim device but found cpu"},
    {"torch.smooth_l1_loss(hz, x)", "argument 1: expected a sim device but found cpu"},
    {"torch.mse_loss(x, hz)", kTwoDevices},
    {"torch._foreach_add([x, y], hz)", "scalar tensor expected to be on sim:0 but is on cpu"},
    {"torch._foreach_add([x, h], hz)", nullptr},
    {"torch._foreach_mul([x, y], hz)", nullptr},
    // TensorIterator looks at shapes before devices.
    {"hz.add_(x)", "output with shape [] doesn't match the broadcast shape [2, 3]"},
    {"xz.floor_divide_(h)", "output with shape [] doesn't match the broadcast shape [2, 3]"},
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
    {"xz[hi]", "too many indices for tensor of dimension 0 (got 1)"},
    {"x.index_put_([hm[0, 0]], y)", "N <= iter.ntensors() INTERNAL ASSERT FAILED"},
    {"h.index_put_([xi], h + 1)", nullptr},
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
    // What CUDA refuses of dtypes.
    {"torch.special_bessel_j0(x.half())", "\"bessel_j0_cuda\" not implemented for 'Half'"},
    {"torch._softmax_backward_data(x.half(), y.half(), 1, torch.float32)",
     "expected input and grad types to match, or input to be at::Half and grad to be at::Float"},
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
    {"h.pin_memory()"},
};

#undef STRICT

}  // namespace crosstrace
