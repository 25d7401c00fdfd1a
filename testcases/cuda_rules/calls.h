// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The calls that a recording holds a device's answers to.
#pragma once

#include <c10/core/Device.h>

#include <string>
#include <vector>

namespace crosstrace::cuda_rules {

/// Where the arguments of a call are. The names are those of a recording.
enum class Mode {
  kBase,     ///< `base`: all on the device
  kOneCpu,   ///< `one_cpu`: one argument on the CPU, the rest on the device
  kOneDev,   ///< `one_dev`: one argument on the device, the rest on the CPU
  kZeroCpu,  ///< `zero_cpu`: one argument replaced by a 0-dim CPU tensor, its first element
  kZeroDev,  ///< `zero_dev`: one argument replaced by a 0-dim tensor on the device, the rest on the
             ///< CPU
  kCast,     ///< `cast`: all float arguments in another dtype, all on the device
  kDtype,    ///< `dtype`: an expression about one tensor, of this dtype, on the device
  kStrict,   ///< `strict`: arguments of its own, some on the device and some on the CPU
};

const char* name_of(Mode mode);

struct Call {
  std::string expression;
  Mode mode = Mode::kBase;
  size_t argument = 0;  ///< Which one is elsewhere.
  size_t place = 0;  ///< From 1: only where the expression names it the n-th time; 0: everywhere.
  std::string dtype;

  [[nodiscard]] bool mixes_devices() const;
  /// What a recording calls the argument: `b`, `b#2`, or a dtype; empty for the modes that have
  /// none.
  [[nodiscard]] std::string argument_name() const;
  /// The statements to compile; `elsewhere` stands for one place of the argument.
  [[nodiscard]] std::string body() const;
};

/// All calls, those of one expression side by side. A device that is the CPU cannot be mixed with
/// it.
std::vector<Call> list_calls(bool with_mixtures);

}  // namespace crosstrace::cuda_rules
