// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/TracerMode.h>
#include <ATen/core/grad_mode.h>
#include <crosstrace/export/kept_tensors.h>

#include <exception>
#include <iostream>

namespace crosstrace {
namespace {

/// In place where that is possible, so that views see it too.
void give_back(const at::Tensor& tensor, const at::Tensor& copy) {
  const bool has_form = tensor.sizes() == copy.sizes() && tensor.dtype() == copy.dtype() &&
                        tensor.device() == copy.device();
  if (has_form) {
    tensor.copy_(copy);
  } else {
    tensor.unsafeGetTensorImpl()->shallow_copy_from(copy.getIntrusivePtr());
  }
}

}  // namespace

KeptTensors::~KeptTensors() {
  const at::NoGradGuard no_grad;
  const at::tracer::impl::NoTracerDispatchMode untraced;
  try {
    for (const auto& [tensor, copy] : tensors_) give_back(tensor, copy);
  } catch (const std::exception& error) {
    std::cerr << "crosstrace: what a model wrote cannot be taken back: " << error.what() << '\n';
  }
}

at::Tensor KeptTensors::keep(const at::Tensor& tensor) {
  const at::NoGradGuard no_grad;
  const at::tracer::impl::NoTracerDispatchMode untraced;  // A trace may be going on.
  return tensors_.emplace_back(tensor, tensor.clone()).second;
}

}  // namespace crosstrace
