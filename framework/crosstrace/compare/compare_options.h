// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How two values are compared.
///
///     crosstrace::CompareOptions options;
///     options.tolerance = crosstrace::Tolerance{1e-3, 1e-4};
#pragma once

#include <c10/core/Device.h>
#include <crosstrace/compare/tolerance.h>

#include <optional>
#include <string>

namespace crosstrace {

struct CompareOptions {
  /// For every dtype, integers too, instead of `Tolerance::of(dtype)`.
  std::optional<Tolerance> tolerance = std::nullopt;

  /// Where every actual tensor must be; nowhere in particular if absent. An index that is not given
  /// matches any.
  std::optional<c10::Device> device = std::nullopt;

  /// How paths begin.
  std::string name = "output";
};

}  // namespace crosstrace
