// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a device answers to one call.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <cuda_rules/calls.h>
#include <torch/csrc/jit/api/compilation_unit.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace crosstrace::cuda_rules {

struct Answer {
  std::string error;           ///< One line, at most 200 characters; empty if the call was taken.
  bool while_waiting = false;  ///< The error came when the device was waited for.
  std::string lost;            ///< Why the device cannot be used any more, if so.
  std::string other_values;  ///< How the values differ from the CPU's by more than rounding, if so.
  std::vector<at::Tensor> results;     ///< The tensors in what was returned.
  std::vector<std::string> operators;  ///< That LibTorch called, in order.
};

/// Asks one device. Of the calls to one expression it keeps the compiled expression and the CPU's
/// answers.
class Asker {
 public:
  /// @param device must be usable.
  explicit Asker(c10::Device device);

  /// Waits for the device. After an error of a CUDA device, computes 1 + 1 there to see whether it
  /// can still be used.
  Answer ask(const Call& call);

 private:
  struct Raw {
    std::string error;
    std::vector<at::Tensor> results;
    std::vector<at::Tensor> arguments;
    std::string others;
  };

  void compile(const Call& call);
  Raw run(const Call& call, bool all_on_cpu);
  const Raw& reference(const Call& call);
  std::string find_lost() const;

  c10::Device device_;
  std::string body_;
  std::shared_ptr<torch::jit::CompilationUnit> code_;
  std::map<std::string, Raw> references_;
};

}  // namespace crosstrace::cuda_rules
