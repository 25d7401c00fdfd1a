// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a call writes beside its answer: into its arguments, and into buffers.
///
///     const crosstrace::Inputs inputs{at::zeros({2})};
///     const auto before = crosstrace::writable(inputs, {});
///     const crosstrace::WriteWatch watch(before);
///     inputs[0].toTensor().add_(1);
///     if (watch.was_written("argument 0", before.at("argument 0")))
///       std::cout << "argument 0 was written\n";  // prints argument 0 was written
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <crosstrace/models/model.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace crosstrace {

/// Values by name: `argument 0`, `buffer norm.running_mean`.
using Writable = std::map<std::string, c10::IValue>;

/// Arguments that are made of tensors, numbers and strings, and all buffers, by path (as
/// export/buffers.h gives them). Shared, not copied: they change as calls write.
Writable writable(const Inputs& inputs, const std::map<std::string, at::Tensor>& buffers);

/// One of them after a call of the reference.
struct Left {
  c10::IValue value;     ///< On the CPU, changed by nobody.
  bool written = false;  ///< By this call, or a buffer by one before it.
};
using LeftBehind = std::map<std::string, Left>;

/// @param before, `after` the call; on any device. @param earlier of the call before, or empty:
/// what did not change since then is shared with it.
LeftBehind left_behind(const Writable& before, const Writable& after, const LeftBehind& earlier);

/// True if both are the same to the last bit.
bool same_left_behind(const LeftBehind& a, const LeftBehind& b);

/// Tells without reading a tensor whether operators wrote into it: LibTorch counts that
/// (`Tensor::_version`), but for kernels that write into what their schema does not name.
class WriteWatch {
 public:
  explicit WriteWatch(const Writable& before);

  /// Whether `now` was written since then, or is another object.
  bool was_written(const std::string& name, const c10::IValue& now) const;

 private:
  using Marks = std::vector<std::pair<const void*, std::int64_t>>;
  static Marks marks_of(const c10::IValue& value);

  std::map<std::string, Marks> before_;
};

}  // namespace crosstrace
