// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/module_tensors.h>
#include <crosstrace/export/copy_module.h>
#include <crosstrace/graph/recorded_precision.h>
#include <crosstrace/matrix/placed_export.h>

#include <algorithm>

namespace crosstrace {
namespace {

std::size_t bytes_of(const at::Tensor& tensor) {
  return tensor.has_storage() ? tensor.storage().nbytes() : 0;
}

}  // namespace

PlacedExport::PlacedExport(torch::jit::Module module, Sharing sharing)
    : module_(std::move(module)), sharing_(sharing), written_(module_) {
  for (const at::Tensor& tensor : tensors_of(module_)) {
    bytes_ += bytes_of(tensor);
    largest_bytes_ = std::max(largest_bytes_, bytes_of(tensor));
    const bool is_counted = !tensor.is_inference() && !written_.contains(tensor);
    if (is_counted) versions_.emplace_back(tensor, tensor._version());
  }
}

torch::jit::Module PlacedExport::copy(Precision precision) const {
  torch::jit::Module copy = copy_module(module_, [this](const at::Tensor& tensor) {
    return sharing_ == Sharing::kUnwritten && !tensor.is_inference() && !written_.contains(tensor);
  });
  set_recorded_precision(copy, precision);
  copy.eval();
  return copy;
}

bool PlacedExport::lies_on(c10::Device device) const {
  const auto is_elsewhere = [&](const at::Tensor& tensor) {
    return tensor.defined() && tensor.device() != device;
  };
  for (const at::Tensor& parameter : module_.parameters()) {
    if (is_elsewhere(parameter)) return false;
  }
  for (const at::Tensor& buffer : module_.buffers()) {
    if (is_elsewhere(buffer)) return false;
  }
  return true;
}

bool PlacedExport::lies_wholly_on(c10::Device device) const {
  const std::vector<at::Tensor> tensors = tensors_of(module_);
  return std::all_of(tensors.begin(), tensors.end(),
                     [&](const at::Tensor& tensor) { return tensor.device() == device; });
}

bool PlacedExport::was_spoiled() const {
  return std::any_of(versions_.begin(), versions_.end(),
                     [](const auto& item) { return item.first._version() != item.second; });
}

}  // namespace crosstrace
