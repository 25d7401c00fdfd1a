// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What flow analysis asks of an operator's signature, looked up once.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <crosstrace/base/tensors_in.h>
#include <crosstrace/operators/operator_rules.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace crosstrace {

/// How an operator decides where its result is.
enum class ResultPlacement {
  kFollows,  ///< It follows its tensors.
  kFactory,  ///< Its `device` argument says so, or the CPU.
  kLike,     ///< Its `device` argument says so, or its first tensor: `zeros_like`, `new_*`, `to`.
  kSecond,   ///< Its second tensor: `type_as`, `to.other`.
  kCpu,      ///< `aten::cpu`.
  kCuda,     ///< `aten::cuda`.
};

struct OperatorInfo {
  const c10::FunctionSchema* schema;
  std::string name;          ///< With overload, without `aten::`; with its namespace otherwise.
  std::string base;          ///< `name` without overload, in-place mark and `out`.
  const OperatorRule* rule;  ///< Of LibTorch's own operators.
  std::optional<c10::OperatorHandle> handle;
  ResultPlacement placement = ResultPlacement::kFollows;
  std::vector<std::size_t> tensors;   ///< Arguments that can hold tensors.
  std::optional<std::size_t> device;  ///< The argument `device`.
  std::vector<int> aliased;           ///< By result: the argument that it is, or -1.
  bool evaluable = false;             ///< A function of numbers, strings, devices alone.
};

/// Not for use by several threads.
class OperatorInfos {
 public:
  const OperatorInfo& of(const torch::jit::Operator& op);

 private:
  std::unordered_map<const torch::jit::Operator*, std::unique_ptr<OperatorInfo>> known_;
};

}  // namespace crosstrace
