// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Makes an export compute in float64 on the CPU, whatever it was made for.
///
///     torch::jit::Module module = exported.load(c10::kCPU);  // Never called, shared with nobody.
///     crosstrace::run_on_cpu(module);
///     crosstrace::compute_in_float64(module, inputs);
///     crosstrace::make_float64(inputs);
///     const crosstrace::DefaultDtypeGuard float64(at::kDouble);
///     c10::IValue exact = module.forward({inputs});
///
/// All edits are in place, in every function of the module's CompilationUnit, and must come before
/// the first call: an executor that has run keeps the graph that it saw.
#pragma once

#include <ATen/core/ivalue.h>
#include <c10/core/ScalarType.h>
#include <torch/csrc/jit/api/module.h>

#include <vector>

namespace crosstrace {

/// Makes every device that the module names the CPU: constants, attributes, strings that become
/// devices, and `cuda()`.
void run_on_cpu(torch::jit::Module& module);

/// Parameters, buffers, other attributes and constants of float, half, bfloat16 or complex numbers
/// become float64 or complex128, and so does what operators are told to make by an argument named
/// `dtype`. Integers, truth values, float8 and quantized tensors stay. The program itself goes on
/// seeing the dtype that it was made for, so that it takes the same branches.
/// @param inputs of all calls to come, before `make_float64`: they tell that dtype.
/// @throws std::runtime_error if the program asks for dtypes and has several, so that nobody can
/// tell which one it should see.
void compute_in_float64(torch::jit::Module& module, const std::vector<c10::IValue>& inputs);

/// Exchanges the tensors inside `value` in place, by the same rule.
void make_float64(const c10::IValue& value);

/// LibTorch's default dtype, for the factories that are given none. Of the whole process.
class DefaultDtypeGuard {
 public:
  explicit DefaultDtypeGuard(c10::ScalarType dtype);
  ~DefaultDtypeGuard();
  DefaultDtypeGuard(const DefaultDtypeGuard&) = delete;
  DefaultDtypeGuard& operator=(const DefaultDtypeGuard&) = delete;

 private:
  c10::ScalarType previous_;
};

}  // namespace crosstrace
