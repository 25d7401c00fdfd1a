// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Pinned memory beside a simulated device. LibTorch has one accelerator a process, and asks that
/// one for all pinned memory, CUDA's too (ATen/DeviceAccelerator.cpp takes PrivateUse1 first).
#pragma once

#include <c10/core/Allocator.h>

namespace crosstrace::simulated {

/// CUDA's allocator where LibTorch has a CUDA device that was not lost: only that memory makes
/// copies to it asynchronous. Else one of plain host memory that remembers what it gave, so that
/// `is_pinned` answers as beside a GPU. Both live for ever.
[[nodiscard]] c10::Allocator* pinned_memory_allocator();

/// Whether `data` lies in memory that `pinned_memory_allocator` gave, or CUDA pinned.
[[nodiscard]] bool is_pinned(const void* data);

}  // namespace crosstrace::simulated
