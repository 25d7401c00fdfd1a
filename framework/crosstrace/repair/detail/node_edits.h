// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Edits of single nodes that fix a device.
#pragma once

#include <crosstrace/repair/detail/device_source.h>
#include <torch/csrc/jit/ir/ir.h>

#include <string>

namespace crosstrace::detail {

/// What became of an edit.
struct EditResult {
  bool done = false;
  std::string text;    ///< What was done, or why nothing was.
  std::string advice;  ///< What the author should write instead, if nothing was done.
};

/// Lets a factory, an operator that follows its argument, or a transfer take the device that
/// `anchor` has.
/// @param anchor may be null.
EditResult follow_anchor(torch::jit::Node& node, DeviceSources& anchors, torch::jit::Value* anchor);

/// Replaces the reading of a Device attribute by the device of `anchor`.
EditResult replace_device_read(torch::jit::Node& read, DeviceSources& anchors,
                               torch::jit::Value* anchor);

}  // namespace crosstrace::detail
