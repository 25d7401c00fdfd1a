// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/SDPBackend.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/native/transformers/attention.h>
#include <ATen/ops/_fused_sdp_choice.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu_backward.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/host_call.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>

// Where the CPU would use its flash attention, so does the simulated device, through the hook that
// LibTorch has for such kernels; elsewhere LibTorch decomposes attention into matrix products.
namespace crosstrace::simulated {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

OptionalTensor optional_to_host(HostCall& call, const OptionalTensor& tensor) {
  if (!tensor.has_value() || !tensor->defined()) return std::nullopt;
  return call.to_host(*tensor);
}

bool share_device(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                  const OptionalTensor& mask) {
  const bool mask_fits = !mask.has_value() || !mask->defined() || mask->device() == query.device();
  return key.device() == query.device() && value.device() == query.device() && mask_fits;
}

int64_t choose(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
               const OptionalTensor& mask, double dropout, bool causal, std::optional<double> scale,
               bool grouped) {
  const auto math = static_cast<int64_t>(at::SDPBackend::math);
  // The matrix products refuse mixed devices; the CPU's fused kernel has no gradient for a mask.
  if (!share_device(query, key, value, mask)) return math;
  if (mask.has_value() && mask->defined() && mask->requires_grad()) return math;
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  HostCall call(query.device(), "aten::_fused_sdp_choice");
  const int64_t choice =
      at::_fused_sdp_choice(call.to_host(query), call.to_host(key), call.to_host(value),
                            optional_to_host(call, mask), dropout, causal, scale, grouped);
  const bool flash = choice == static_cast<int64_t>(at::SDPBackend::flash_attention);
  return flash ? static_cast<int64_t>(at::SDPBackend::overrideable) : math;
}

/// @returns (output, log-sum-exp, and seven values that only other devices' kernels fill).
std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, c10::SymInt, c10::SymInt, at::Tensor,
           at::Tensor, at::Tensor>
attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
          const OptionalTensor& bias, double dropout, bool causal, bool,
          std::optional<double> scale) {
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  HostCall call(query.device(), "aten::scaled_dot_product_attention");
  auto [output, log_sum_exp] = at::_scaled_dot_product_flash_attention_for_cpu(
      call.to_host(query), call.to_host(key), call.to_host(value), dropout, causal,
      optional_to_host(call, bias), scale);
  return {call.to_device(std::move(output)),
          call.to_device(std::move(log_sum_exp)),
          at::Tensor(),
          at::Tensor(),
          query.sym_size(2),
          key.sym_size(2),
          at::Tensor(),
          at::Tensor(),
          at::Tensor()};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> attention_backward(
    const at::Tensor& grad, const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
    const at::Tensor& bias, std::array<bool, 4>, const at::Tensor& output,
    const at::Tensor& log_sum_exp, const at::Tensor&, const at::Tensor&, c10::SymInt, c10::SymInt,
    double dropout, bool causal, const at::Tensor&, const at::Tensor&,
    std::optional<double> scale) {
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  HostCall call(query.device(), "aten::scaled_dot_product_attention_backward");
  auto [grad_query, grad_key, grad_value] =
      at::_scaled_dot_product_flash_attention_for_cpu_backward(
          call.to_host(grad), call.to_host(query), call.to_host(key), call.to_host(value),
          call.to_host(output), call.to_host(log_sum_exp), dropout, causal,
          optional_to_host(call, bias), scale);
  return {call.to_device(std::move(grad_query)), call.to_device(std::move(grad_key)),
          call.to_device(std::move(grad_value)), at::Tensor()};
}

}  // namespace

void register_attention(torch::Library& library) {
  at::native::_fused_sdp_choice_stub.set_privateuse1_dispatch_ptr(&choose);
  library.impl("_scaled_dot_product_fused_attention_overrideable", &attention);
  library.impl("_scaled_dot_product_fused_attention_overrideable_backward", &attention_backward);
}

}  // namespace crosstrace::simulated
