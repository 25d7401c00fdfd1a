// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a model sets for the whole process, and should not.
///
///     {
///       const crosstrace::ProcessStateScope scope;
///       at::set_num_threads(1);
///       at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/false);
///     }  // Both are what they were.
#pragma once

#include <memory>

namespace crosstrace {

/// Remembers LibTorch's default dtype, the number of threads within an operator, the flags of
/// deterministic algorithms, of cuDNN's benchmarks and of oneDNN, and, of this thread, autocast (on or
/// off, dtype and cache, for each kind of device) and the grad mode; gives them back at its end. The
/// flags of PrecisionScope are apart.
class ProcessStateScope {
 public:
  ProcessStateScope();
  ~ProcessStateScope();
  ProcessStateScope(const ProcessStateScope&) = delete;
  ProcessStateScope& operator=(const ProcessStateScope&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace crosstrace
