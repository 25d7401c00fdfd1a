// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An archive's program and attributes, without running any of it. For use inside archive/ only.
#pragma once

#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/api/module.h>

#include <memory>

namespace crosstrace::detail {

/// What `torch::jit::load(file, c10::kCPU)` gives, but for the `__setstate__` of its classes, which
/// that runs. Here it is read (stored_state.h), and that of classes in C++, such as packed weights,
/// not even that: their objects are empty.
/// @throws as torch::jit::load does.
torch::jit::Module read_program(std::shared_ptr<caffe2::serialize::ReadAdapterInterface> file);

}  // namespace crosstrace::detail
