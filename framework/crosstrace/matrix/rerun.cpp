// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/call_method.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/compare_answer.h>
#include <crosstrace/matrix/rerun.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>

namespace crosstrace {
namespace {

class FuserOff {
 public:
  FuserOff() : was_on_(torch::jit::tensorExprFuserEnabled()) {
    torch::jit::setTensorExprFuserEnabled(false);
  }
  ~FuserOff() { torch::jit::setTensorExprFuserEnabled(was_on_); }
  FuserOff(const FuserOff&) = delete;
  FuserOff& operator=(const FuserOff&) = delete;

 private:
  bool was_on_;
};

/// The answer on the CPU, apart from the module, which may return its own state.
c10::IValue answer(const Cell& cell, torch::jit::Module& module, std::size_t set,
                   std::uint64_t seed) {
  const Inputs inputs = cell.inputs(set);
  seed_generators(seed);
  return move_value(call_method(module, cell.id().method, inputs), c10::kCPU).deepcopy();
}

c10::IValue first_answer(const Cell& cell, std::size_t set, std::uint64_t seed) {
  torch::jit::Module module = cell.module_on(cell.id().run_device);
  return answer(cell, module, set, seed);
}

}  // namespace

bool agrees_without_fuser(const Cell& cell, const RunOptions& options, std::size_t set) {
  if (!torch::jit::tensorExprFuserEnabled()) return false;
  const FuserOff fuser_off;
  const PrecisionScope precision(cell.model().precision.value_or(options.precision));
  torch::jit::Module module = cell.module_on(cell.id().run_device);
  const c10::IValue first = answer(cell, module, set, options.seed);
  for (int call = 1; call < options.runs; ++call) {
    const c10::IValue again = answer(cell, module, set, options.seed);
    if (!compare_answer(cell.model(), cell.id(), options, again, first).matches()) return false;
  }
  return true;
}

bool depends_on_seed(const Cell& cell, const RunOptions& options, std::size_t set) {
  const PrecisionScope precision(cell.model().precision.value_or(options.precision));
  return !bitwise_equal(first_answer(cell, set, options.seed),
                        first_answer(cell, set, options.seed + 1));
}

}  // namespace crosstrace
