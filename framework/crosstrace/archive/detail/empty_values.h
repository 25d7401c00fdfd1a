// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Values that stand for what nobody computed. For use inside archive/ only.
#pragma once

#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

#include <memory>
#include <utility>

namespace torch::jit {
struct CompilationUnit;
}

namespace crosstrace::detail {

/// Makes empty values of types; objects belong to `unit`, as those of the archive do.
class EmptyValues {
 public:
  explicit EmptyValues(std::shared_ptr<torch::jit::CompilationUnit> unit)
      : unit_(std::move(unit)) {}

  /// A tensor of no elements on the CPU, 0, an empty text, list or dict, an object with such
  /// attributes; None for what has no such value.
  c10::IValue of(const c10::TypePtr& type, int depth = 0) const;

 private:
  c10::IValue tuple_of(const c10::Type& type, int depth) const;
  c10::IValue object_of(const c10::ClassTypePtr& type, int depth) const;

  std::shared_ptr<torch::jit::CompilationUnit> unit_;
};

}  // namespace crosstrace::detail
