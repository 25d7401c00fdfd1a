// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/detail/device_statistics.h>
#include <crosstrace/compare/detail/parts.h>

namespace crosstrace::detail {
namespace {

at::Tensor plain(const at::Tensor& tensor) {
  // BComplex32, which only newer LibTorch knows, has no C++ arithmetic; ComplexFloat holds all its
  // values.
  const auto dtype = tensor.scalar_type();
  const bool is_unknown = c10::isComplexType(dtype) && dtype != at::kComplexHalf &&
                          dtype != at::kComplexFloat && dtype != at::kComplexDouble;
  const auto known = is_unknown ? tensor.to(at::kComplexFloat) : tensor;
  return known.is_conj() || known.is_neg() ? known.resolve_conj().resolve_neg() : known;
}

Part index_part(const char* name, const at::Tensor& indices) {
  // Compressed layouts hold their indices as int or long, whichever made them.
  return {name, plain(indices.to(at::kLong)), true};
}

Part value_part(const char* name, const at::Tensor& values) { return {name, plain(values), false}; }

std::vector<Part> quantized_parts(const at::Tensor& tensor) {
  const auto elements = value_part("", tensor.dequantize());
  const auto scheme = tensor.qscheme();
  if (scheme == c10::kPerTensorAffine || scheme == c10::kPerTensorSymmetric) {
    return {value_part("q_scale", at::scalar_tensor(tensor.q_scale(), at::kDouble)),
            index_part("q_zero_point", at::scalar_tensor(tensor.q_zero_point(), at::kLong)),
            elements};
  }
  return {
      index_part("q_per_channel_axis", at::scalar_tensor(tensor.q_per_channel_axis(), at::kLong)),
      value_part("q_per_channel_scales", tensor.q_per_channel_scales()),
      value_part("q_per_channel_zero_points", tensor.q_per_channel_zero_points()), elements};
}

std::vector<Part> sparse_parts(const at::Tensor& tensor) {
  switch (tensor.layout()) {
    case at::kMkldnn:
      return {value_part("", tensor.to_dense())};
    case at::kSparse: {
      const auto unique = tensor.coalesce();
      return {index_part("indices", unique.indices()), value_part("values", unique.values())};
    }
    case at::kSparseCsr:
    case at::kSparseBsr:
      return {index_part("crow_indices", tensor.crow_indices()),
              index_part("col_indices", tensor.col_indices()),
              value_part("values", tensor.values())};
    case at::kSparseCsc:
    case at::kSparseBsc:
      return {index_part("ccol_indices", tensor.ccol_indices()),
              index_part("row_indices", tensor.row_indices()),
              value_part("values", tensor.values())};
    default:
      return {};
  }
}

}  // namespace

std::optional<at::Tensor> elements_of(const at::Tensor& tensor) {
  if (tensor.layout() != at::kStrided || tensor.is_quantized()) return std::nullopt;
  return plain(tensor);
}

std::vector<Part> parts_of(const at::Tensor& tensor) {
  const auto on_cpu = bring_to_cpu(tensor);
  if (on_cpu.layout() != at::kStrided) return sparse_parts(on_cpu);
  if (on_cpu.is_quantized()) return quantized_parts(on_cpu);
  return {value_part("", on_cpu)};
}

}  // namespace crosstrace::detail
