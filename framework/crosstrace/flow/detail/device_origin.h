// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Where a tensor is, and why: the elements that flow analysis computes with.
#pragma once

#include <c10/core/Device.h>
#include <crosstrace/flow/conflict.h>

#include <deque>
#include <string>
#include <vector>

namespace crosstrace::detail {

/// Whether a tensor has elements: scripts ask before they use a state that nothing is in yet.
enum class Extent : uint8_t { kUnknown, kEmpty, kFilled };

/// A device, and what put a tensor there. Made by `DeviceOrigins`, compared by address where that is
/// enough.
struct DeviceOrigin {
  c10::Device device;
  std::vector<Origin> origins;  ///< What fixed it; empty on the run device, and for plain literals.
  torch::jit::Value* anchor;    ///< The input or parameter that it follows; null if there is none.
  Extent extent = Extent::kUnknown;

  /// The device of a literal: whoever uses it becomes the origin.
  bool is_literal() const { return origins.empty() && anchor == nullptr; }
};

/// Makes places and keeps them as long as it lives.
class DeviceOrigins {
 public:
  const DeviceOrigin* make(c10::Device device, std::vector<Origin> origins,
                           torch::jit::Value* anchor, Extent extent = Extent::kUnknown);

  /// One place for what depends on both, which are on one device and of one extent. One with an
  /// anchor wins, since it moves by itself; else the origins of both.
  const DeviceOrigin* merge(const DeviceOrigin* a, const DeviceOrigin* b);

 private:
  std::deque<DeviceOrigin> made_;
};

/// `cuda` means `cuda:0`, the device that is current unless a program says otherwise.
c10::Device with_index(c10::Device device);

}  // namespace crosstrace::detail
