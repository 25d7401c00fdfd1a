// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Host memory that calls itself `sim` memory.
#pragma once

#include <c10/core/Allocator.h>
#include <c10/core/Storage.h>

namespace crosstrace::simulated {

/// The allocator of both devices; memory belongs to the one that is current when it is asked for.
/// Lives for ever.
[[nodiscard]] c10::Allocator* allocator();

/// A storage on `device` over the memory of `host`, which it keeps alive. Nothing is copied.
[[nodiscard]] c10::Storage adopt_host_storage(const c10::Storage& host, c10::Device device);

/// A CPU storage over the memory of `simulated`, which it keeps alive. Nothing is copied.
[[nodiscard]] c10::Storage alias_as_host_storage(const c10::Storage& simulated);

/// Gives `storage` room for `bytes`, keeping its contents and its device.
void resize_storage(c10::StorageImpl& storage, size_t bytes);

}  // namespace crosstrace::simulated
