// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Context.h>
#include <ATen/ops/clone.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/devices/simulated/kernels/tf32.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace crosstrace::simulated {
namespace {

constexpr int kDroppedBits = 23 - 10;
constexpr std::uint32_t kDropped = (1U << kDroppedBits) - 1;
constexpr std::uint32_t kExponent = 0x7F800000U;

/// Without a branch, so that the compiler takes several at once.
float rounded(float value, Tf32Rounding rounding) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  // A carry goes into the exponent, as it should: sign and magnitude lie apart.
  const std::uint32_t half = 1U << (kDroppedBits - 1);
  const std::uint32_t is_even = ((bits >> kDroppedBits) & 1U) ^ 1U;
  const std::uint32_t to_even = rounding == Tf32Rounding::kTiesToEven ? is_even : 0;
  const std::uint32_t near = (bits + half - to_even) & ~kDropped;
  bits = (bits & kExponent) == kExponent ? bits : near;  // inf and NaN stay
  std::memcpy(&value, &bits, sizeof bits);
  return value;
}

thread_local int rnn_depth = 0;

/// What a convolution was called with: nothing, or two flags.
constexpr int kUnset = -1;
constexpr int kCudnn = 1;
constexpr int kTf32 = 2;
thread_local int convolution_flags = kUnset;

Tf32Rounding if_allowed(bool allowed, Tf32Rounding rounding) {
  return allowed ? rounding : Tf32Rounding::kNone;
}

bool is_channels_last(const at::Tensor& tensor) {
  return tensor.suggest_memory_format() != at::MemoryFormat::Contiguous;
}

bool has_own_depthwise_kernel(const at::Tensor& input, const at::Tensor& weight, bool transposed,
                              int64_t groups) {
  const bool is_depthwise = !transposed && (input.dim() == 4 || input.dim() == 5) && groups > 1 &&
                            input.size(1) == groups && weight.size(0) % input.size(1) == 0;
  return is_depthwise && !is_channels_last(input) && !is_channels_last(weight);
}

}  // namespace

at::Tensor rounded_to_tf32(const at::Tensor& tensor, Tf32Rounding rounding) {
  if (!tensor.defined() || rounding == Tf32Rounding::kNone) return tensor;
  const bool is_complex = tensor.scalar_type() == at::kComplexFloat;
  if (!is_complex && tensor.scalar_type() != at::kFloat) return tensor;
  at::Tensor copy = at::clone(tensor);  // Dense, in whatever order.
  auto* values = static_cast<float*>(copy.mutable_data_ptr());
  std::transform(values, values + copy.numel() * (is_complex ? 2 : 1), values,
                 [rounding](float value) { return rounded(value, rounding); });
  return copy;
}

c10::SmallVector<std::size_t, 2> product_operands(std::string_view name) {
  name = name.substr(0, name.find('.'));
  if (name.ends_with('_')) name.remove_suffix(1);
  if (name == "mm" || name == "bmm") return {0, 1};
  for (const std::string_view sum : {"addmm", "_addmm_activation", "baddbmm", "addbmm"}) {
    if (name == sum) return {1, 2};
  }
  return {};
}

Tf32Rounding product_rounding() {
  const bool by_cudnn = rnn_depth > 0 && at::globalContext().userEnabledCuDNN();
  const Tf32Flags flags = tf32_flags();
  return if_allowed(by_cudnn ? flags.rnn : flags.matmul, Tf32Rounding::kTiesToEven);
}

RnnScope::RnnScope() { ++rnn_depth; }
RnnScope::~RnnScope() { --rnn_depth; }

ConvolutionScope::ConvolutionScope(bool cudnn_enabled, bool allow_tf32)
    : outer_(convolution_flags) {
  convolution_flags = (cudnn_enabled ? kCudnn : 0) | (allow_tf32 ? kTf32 : 0);
}

ConvolutionScope::~ConvolutionScope() { convolution_flags = outer_; }

Tf32Rounding convolution_rounding(const at::Tensor& input, const at::Tensor& weight,
                                  bool transposed, int64_t groups) {
  if (has_own_depthwise_kernel(input, weight, transposed, groups)) return Tf32Rounding::kNone;
  const Tf32Flags flags = tf32_flags();
  const bool is_set = convolution_flags != kUnset;
  const bool by_cudnn =
      is_set ? (convolution_flags & kCudnn) != 0 : at::globalContext().userEnabledCuDNN();
  if (!by_cudnn) return if_allowed(flags.matmul, Tf32Rounding::kTiesToEven);
  const bool allowed = is_set ? (convolution_flags & kTf32) != 0 : flags.convolution;
  return if_allowed(allowed, Tf32Rounding::kTiesAway);
}

}  // namespace crosstrace::simulated
