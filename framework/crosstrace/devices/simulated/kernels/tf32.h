// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What CUDA's tensor cores do to float32 operands where TF32 is allowed: they keep 10 of 23 bits
/// of the mantissa, and add the exact products up in float32 (CUDA C++ Programming Guide, "Warp
/// Matrix Functions", "Alternate Floating Point"). How the other bits are rounded off was measured
/// on an H200 with LibTorch 2.11, by products of one value with 1.
///
///     const Tf32Rounding rounding = product_rounding();
///     at::Tensor operand = rounded_to_tf32(host, rounding);  // `host` itself for kNone.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/SmallVector.h>

#include <cstddef>
#include <string_view>

namespace crosstrace::simulated {

enum class Tf32Rounding {
  kNone,        ///< TF32 is not allowed.
  kTiesToEven,  ///< cuBLAS, and cuDNN's RNNs: to the nearest, ties to the even one.
  kTiesAway,    ///< cuDNN's convolutions: to the nearest, ties away from zero.
};

/// A copy of a CPU tensor with its float32 values (of complex64 both parts) rounded; tensors of
/// other dtypes, and all for `kNone`, are returned as they are. Infinities and NaN stay.
at::Tensor rounded_to_tf32(const at::Tensor& tensor, Tf32Rounding rounding);

/// Positions of the arguments that `aten::<name>`, a matrix product of cuBLAS, multiplies; empty
/// for all other operators. What it adds is not rounded, nor are products with a vector, for which
/// LibTorch turns TF32 off (at::NoTF32Guard).
c10::SmallVector<std::size_t, 2> product_operands(std::string_view name);

/// Of matrix products on this thread: by cuBLAS's flag, inside an RNN by that of cuDNN's RNNs.
Tf32Rounding product_rounding();

/// Inside of it products belong to an RNN, which CUDA leaves to cuDNN as a whole.
class RnnScope {
 public:
  RnnScope();
  ~RnnScope();
  RnnScope(const RnnScope&) = delete;
  RnnScope& operator=(const RnnScope&) = delete;
};

/// Inside of it convolutions of this thread have these flags; outside LibTorch's own.
class ConvolutionScope {
 public:
  ConvolutionScope(bool cudnn_enabled, bool allow_tf32);
  ~ConvolutionScope();
  ConvolutionScope(const ConvolutionScope&) = delete;
  ConvolutionScope& operator=(const ConvolutionScope&) = delete;

 private:
  int outer_;
};

/// Of a convolution on this thread. Without cuDNN it is a matrix product of cuBLAS; depthwise ones
/// of contiguous tensors have a kernel of LibTorch's own, which knows no TF32
/// (aten/src/ATen/native/Convolution.cpp, `is_depthwise` and `use_cudnn_depthwise`).
Tf32Rounding convolution_rounding(const at::Tensor& input, const at::Tensor& weight,
                                  bool transposed, int64_t groups);

}  // namespace crosstrace::simulated
