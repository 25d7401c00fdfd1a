// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An export whose tensors follow its inputs: every device that its graphs or attributes fix, and
/// that would meet another one, is taken from a value of the model instead.
///
///     torch::jit::Module module = torch::jit::load("model.pt", c10::kCPU);
///     crosstrace::Repaired repaired = crosstrace::repair(module, "cpu", {"cuda:0", "cuda:1"});
///     for (const crosstrace::RepairStep& step : repaired.steps) std::cout << step.text << '\n';
///
/// | what fixes the device                          | becomes                                     |
/// |------------------------------------------------|---------------------------------------------|
/// | device of a factory, or its lack               | the device of a value that it meets         |
/// | device of an `aten::*_like`, `aten::new_*`     | none: they follow their first argument      |
/// | device of `aten::to`, `cpu`, `cuda`            | the device of a value that it meets         |
/// | tensor constant of a graph                     | buffer                                      |
/// | tensor attribute, Optional[Tensor] that is one | buffer                                      |
/// | list, dict or tuple attribute of tensors       | buffers, collected where they are read      |
/// | Device attribute                               | the device of a value, where it is read     |
///
/// What meets no other device, or is moved before it does, stays as it is.
#pragma once

#include <crosstrace/models/source_location.h>
#include <torch/csrc/jit/api/module.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// A place in an export: what was changed, or what could not be.
struct RepairStep {
  std::string method;         ///< `forward`, `encoder.encode`; empty for an attribute.
  std::string operator_name;  ///< `aten::arange`, `prim::Constant`; empty for an attribute.
  std::string attribute;      ///< Its path, `encoder.scale`; empty for an operator.
  std::string module_path;    ///< Of the submodule whose code it is; empty for the module itself.
  std::optional<SourceLocation> source;  ///< The author's line, where it is known.

  /// What was done, or why nothing could be: one sentence.
  std::string text;

  /// What the author should write instead; empty for what was done.
  std::string advice;

  /// Ids of the findings that it answers, as `diagnose` gives them; filled by `repair_archive`.
  std::vector<std::string> findings;
};

struct Repaired {
  std::vector<RepairStep> steps;  ///< In the order in which they were taken.
  std::vector<RepairStep> left;   ///< Conflicts of devices that remain, with the reason.
};

/// Edits every method, calls inlined, and every attribute of `module`, in place: give a copy that
/// was never called. Repairing what was repaired does nothing.
/// @param home the device that the export was made on, where it must go on working as it did.
/// @param devices other devices that it should run on.
Repaired repair(torch::jit::Module& module, const std::string& home,
                const std::vector<std::string>& devices);

}  // namespace crosstrace
