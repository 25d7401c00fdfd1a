// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What is wrong with an export, where, and what to do about it.
///
///     const auto diagnosis = crosstrace::diagnose(crosstrace::Export("baked.pt").copy());
///     for (const crosstrace::Finding& finding : diagnosis.findings)
///       std::cout << crosstrace::to_string(finding.severity) << ": " << finding.advice << '\n';
///
/// prints
///
///     error: Give it an input's device (device=x.device), or register the tensor as a buffer.
#pragma once

#include <crosstrace/models/source_location.h>

#include <optional>
#include <string>
#include <string_view>

namespace crosstrace {

enum class Severity {
  kNote,     ///< Worth knowing; the matrix of a model with notes alone matches.
  kWarning,  ///< Some cell may fail: on a path, or for a shape, that cannot be told from the graph.
  kError,    ///< Some cell will fail.
};

/// Whether `crosstrace repair` can mend it.
enum class Repairability { kNone, kManual, kAutomatic };

/// The words of JSON: `note`, `warning`, `error`; `none`, `manual`, `automatic`.
std::string_view to_string(Severity severity) noexcept;
std::string_view to_string(Repairability repair) noexcept;

struct Finding {
  std::string id;    ///< Unique in a report; the same for the same export.
  std::string rule;  ///< `device-literal`, `stranded-attribute`, ...
  Severity severity = Severity::kNote;
  std::string method;         ///< `forward`, or `encoder.encode` of a submodule; may be empty.
  std::string operator_name;  ///< `aten::arange`; empty for an attribute.
  std::string message;        ///< One sentence: what is so, and why it matters. No newline.
  std::string advice;         ///< One sentence: what to do. May be empty.
  std::optional<SourceLocation> source;  ///< The line of the model's author, where it is known.
  std::string function;                  ///< The C++ function, where its line is not known.
  std::string module_path;               ///< `encoder.layers.0`; empty for the module itself.
  Repairability repair = Repairability::kNone;
  std::string details;  ///< Lines to look at, such as the diff of two traces. May be empty.

  /// The best that is known of: file:line, function, module path, method.
  std::string where() const;
};

}  // namespace crosstrace
