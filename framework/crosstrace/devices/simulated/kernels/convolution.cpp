// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/op_registration/adaption.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/host_call.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>

// LibTorch gives devices of its own makers these two hooks for every kind of convolution.
namespace crosstrace::simulated {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

/// What LibTorch checks before it calls CUDA's convolutions.
void check_same_type(const at::Tensor& input, const at::Tensor& other, const char* name) {
  TORCH_CHECK(input.options().type_equal(other.options()), "Input type (", input.toString(),
              ") and ", name, " type (", other.toString(), ") should be the same");
  TORCH_CHECK(input.device() == other.device(),
              "Expected all tensors to be on the same device, but got ", name, " is on ",
              other.device(), ", different from other tensors on ", input.device(),
              " (when checking argument in method aten::convolution)");
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
  return call.to_device(at::convolution(call.to_host(input), call.to_host(weight), host_bias,
                                        stride, padding, dilation, transposed, output_padding,
                                        groups));
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolution_backward(
    const at::Tensor& grad, const at::Tensor& input, const at::Tensor& weight,
    c10::IntArrayRef stride, c10::IntArrayRef padding, c10::IntArrayRef dilation, bool transposed,
    c10::IntArrayRef output_padding, int64_t groups, std::array<bool, 3> wanted) {
  check_same_type(input, weight, "weight");
  check_same_type(input, grad, "grad_output");
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  HostCall call(input.device(), "aten::convolution_backward");
  auto [grad_input, grad_weight, grad_bias] =
      at::convolution_backward(call.to_host(grad), call.to_host(input), call.to_host(weight),
                               c10::OptionalIntArrayRef({grad.size(1)}), stride, padding, dilation,
                               transposed, output_padding, groups, wanted);
  return {call.to_device(std::move(grad_input)), call.to_device(std::move(grad_weight)),
          call.to_device(std::move(grad_bias))};
}

}  // namespace

void register_convolutions(torch::Library& library) {
  library.impl("convolution_overrideable", &convolution);
  library.impl("convolution_backward_overrideable", &convolution_backward);
}

}  // namespace crosstrace::simulated
