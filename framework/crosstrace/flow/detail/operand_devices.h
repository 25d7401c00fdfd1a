// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Tensors of several devices as the arguments of one operator.
#pragma once

#include <crosstrace/flow/detail/abstract_value.h>
#include <crosstrace/operators/device_mix.h>

#include <string>
#include <unordered_map>
#include <vector>

namespace crosstrace::detail {

/// All that it is given must outlive it.
class OperandDevices {
 public:
  struct Outcome {
    DeviceMix verdict = DeviceMix::kTaken;
    DeviceOriginSet places;    ///< Of the result, if it is taken.
    DeviceOriginSet involved;  ///< What is refused, and the run device's side.
  };

  /// What was asked before: the same operator with tensors of the same devices and dims.
  using Verdicts = std::unordered_map<std::string, DeviceMix>;

  OperandDevices(const torch::jit::Node& node, const OperatorInfo& info,
                 const std::vector<const AbstractValue*>& arguments, c10::Device run_device,
                 Verdicts& verdicts);

  /// Tries each combination of the places that the operands may have.
  Outcome judge(DeviceOrigins& places) const;

 private:
  struct Operand {
    std::size_t argument;
    const AbstractValue* fact;
    c10::ScalarType dtype;
    bool is_written;  ///< It is what an operator in place changes.
  };
  using Choice = std::vector<const DeviceOrigin*>;  ///< By operand.

  std::vector<Choice> choices() const;
  DeviceMix try_choice(const Choice& choice) const;
  DeviceMix judge_choice(const Choice& choice) const;
  std::string key(const Choice& choice) const;
  DeviceMix try_ranks(const Choice& choice, int unknown_rank) const;
  int rank_to_try(const Operand& operand, int unknown_rank) const;
  void blame(const Choice& choice, DeviceOrigins& places, Outcome& outcome) const;
  const DeviceOrigin* result_place(const Choice& choice) const;
  c10::ScalarType dtype_of(std::size_t argument) const;

  const torch::jit::Node& node_;
  const OperatorInfo& info_;
  const std::vector<const AbstractValue*>& arguments_;
  c10::Device run_device_;
  Verdicts& verdicts_;
  std::vector<Operand> operands_;
  int most_dims_ = 0;  ///< Of an operand, as far as is known.
};

}  // namespace crosstrace::detail
