// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What became of a repair; a report is made of it.
///
///     crosstrace::ProofCalls calls;
///     calls.inputs = {[] { return crosstrace::arguments(at::rand({2, 4})); }};
///     calls.devices = {"cpu", "sim:0"};
///     const auto result = crosstrace::repair_archive("baked.pt", "fixed.pt", calls);
///     for (const crosstrace::RepairStep& step : result.steps)
///       std::cout << step.operator_name << ": " << step.text << '\n';
///
/// prints
///
///     aten::arange: aten::arange makes its tensor on the device of x
#pragma once

#include <crosstrace/devices/stand_in.h>
#include <crosstrace/diagnose/finding.h>
#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/models/source_location.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// A place in an export: what was changed, or what could not be. Without an operator and an
/// attribute: the archive's storages.
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

  std::string function;  ///< What is known of the place where its line is not.
};

struct Proof {
  std::vector<CellResult> cells;  ///< The matrix of the changed archive.
  int calls_at_home = 0;          ///< Answers at home that were compared to the last bit.
  std::string why_not;            ///< The first thing that failed, one line; empty if all held.

  bool holds() const noexcept { return why_not.empty(); }
};

/// All that became of a repair; a report is made of it.
struct RepairResult {
  std::string archive;
  std::string target;
  std::string home;  ///< The device that the archive was made on, as its literals and storages say.
  StandIns stand_ins;          ///< By the devices that it names and this machine lacks.
  bool asks_for_cuda = false;  ///< Its program asks for what no stand-in can answer.

  std::vector<Finding> findings;  ///< Of the archive as it was.
  std::vector<RepairStep>
      steps;  ///< What was changed; nothing: the target is a copy, byte for byte.

  /// What remains to be done by the model's author: conflicts that could not be repaired, and
  /// findings above a note that are about something else.
  std::vector<RepairStep> left;

  std::optional<Proof> proof;  ///< Empty if it did not come to that.
  bool written = false;
  std::string why_not;  ///< Why nothing was written, one line; empty if it was.
};

}  // namespace crosstrace
