// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/op_registration/adaption.h>
#include <ATen/ops/_convolution_compositeexplicitautograd_dispatch.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/sum.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/host_call.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>
#include <crosstrace/devices/simulated/kernels/tf32.h>

#include <vector>

// LibTorch gives devices of its own makers these two hooks for every kind of convolution.
namespace crosstrace::simulated {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

/// What LibTorch checks before it calls CUDA's convolutions, and not before it calls the hooks:
/// check_input_same_type_as_parameters of aten/src/ATen/native/Convolution.cpp.
void check_same_type(const at::Tensor& input, const at::Tensor& other, const char* name) {
  TORCH_CHECK(input.options().type_equal(other.options()), "Input type (", input.toString(),
              ") and ", name, " type (", other.toString(), ") should be the same");
  TORCH_CHECK(input.device() == other.device(),
              "Expected all tensors to be on the same device, but got ", name, " is on ",
              other.device(), ", different from other tensors on ", input.device(),
              " (when checking argument in method aten::convolution)");
}

/// The hooks are not given the flags, which stop here: ConvBackend::Overrideable of
/// aten/src/ATen/native/Convolution.cpp.
at::Tensor convolution_with_flags(const at::Tensor& input, const at::Tensor& weight,
                                  const OptionalTensor& bias, c10::IntArrayRef stride,
                                  c10::IntArrayRef padding, c10::IntArrayRef dilation,
                                  bool transposed, c10::IntArrayRef output_padding, int64_t groups,
                                  bool benchmark, bool deterministic, bool cudnn_enabled,
                                  bool allow_tf32) {
  const ConvolutionScope scope(cudnn_enabled, allow_tf32);
  return at::compositeexplicitautograd::_convolution(input, weight, bias, stride, padding, dilation,
                                                     transposed, output_padding, groups, benchmark,
                                                     deterministic, cudnn_enabled, allow_tf32);
}

at::Tensor convolution(const at::Tensor& input, const at::Tensor& weight,
                       const OptionalTensor& bias, c10::IntArrayRef stride,
                       c10::IntArrayRef padding, c10::IntArrayRef dilation, bool transposed,
                       c10::IntArrayRef output_padding, int64_t groups) {
  check_same_type(input, weight, "weight");
  if (bias.has_value() && bias->defined()) check_same_type(input, *bias, "bias");
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  HostCall call(input.device(), "aten::convolution");
  const OptionalTensor host_bias = bias.has_value() ? OptionalTensor(call.to_host(*bias)) : bias;
  const Tf32Rounding rounding = convolution_rounding(input, weight, transposed, groups);
  return call.to_device(at::convolution(rounded_to_tf32(call.to_host(input), rounding),
                                        rounded_to_tf32(call.to_host(weight), rounding), host_bias,
                                        stride, padding, dilation, transposed, output_padding,
                                        groups));
}

at::Tensor sum_but_channels(const at::Tensor& grad) {
  std::vector<int64_t> dims;
  for (int64_t dim = 0; dim < grad.dim(); ++dim) {
    if (dim != 1) dims.push_back(dim);
  }
  return grad.sum(dims);
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolution_backward(
    const at::Tensor& grad, const at::Tensor& input, const at::Tensor& weight,
    c10::IntArrayRef stride, c10::IntArrayRef padding, c10::IntArrayRef dilation, bool transposed,
    c10::IntArrayRef output_padding, int64_t groups, std::array<bool, 3> wanted) {
  check_same_type(input, weight, "weight");
  check_same_type(input, grad, "grad_output");
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  HostCall call(input.device(), "aten::convolution_backward");
  const Tf32Rounding rounding = convolution_rounding(input, weight, transposed, groups);
  const at::Tensor host_grad = call.to_host(grad);
  auto [grad_input, grad_weight, grad_bias] = at::convolution_backward(
      rounded_to_tf32(host_grad, rounding), rounded_to_tf32(call.to_host(input), rounding),
      rounded_to_tf32(call.to_host(weight), rounding), c10::OptionalIntArrayRef({grad.size(1)}),
      stride, padding, dilation, transposed, output_padding, groups,
      {wanted[0], wanted[1], wanted[2] && rounding == Tf32Rounding::kNone});
  // Nothing is multiplied for it.
  if (wanted[2] && rounding != Tf32Rounding::kNone) grad_bias = sum_but_channels(host_grad);
  return {call.to_device(std::move(grad_input)), call.to_device(std::move(grad_weight)),
          call.to_device(std::move(grad_bias))};
}

}  // namespace

void register_convolutions(torch::Library& library) {
  library.impl("_convolution", &convolution_with_flags);
  library.impl("convolution_overrideable", &convolution);
  library.impl("convolution_backward_overrideable", &convolution_backward);
}

}  // namespace crosstrace::simulated
