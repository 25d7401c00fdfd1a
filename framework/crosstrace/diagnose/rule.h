// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One rule of diagnosis. Adding one touches its own file, its line in rules.cpp, and its tests.
#pragma once

#include <crosstrace/diagnose/finding.h>
#include <crosstrace/graph/program.h>
#include <crosstrace/models/cell_id.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace crosstrace {

/// What a rule saw at one node or attribute.
struct Remark {
  const InlinedMethod* method = nullptr;   ///< Null for an attribute.
  const torch::jit::Node* node = nullptr;  ///< Null for an attribute or the whole program.
  std::string attribute;                   ///< Its path, if it is about one.
  std::string function;  ///< That a node without a method is in: of a class that is no module.
  std::string message;
  std::string advice;
  Repairability repair = Repairability::kNone;

  /// Of the remark itself. If it stands at the origin of a conflict (flow/), the conflict raises
  /// it to a warning or an error; so a rule about devices says kNote.
  Severity severity = Severity::kNote;

  /// Not worth a word unless a conflict has it as an origin.
  bool only_in_conflict = false;

  /// The cells that fail of it, whatever the devices of values: with an error they do, with a
  /// warning they may. Empty for what only a conflict makes fail.
  std::function<bool(Transfer transfer, const std::string& run_device)> fails = {};
};

/// What rules may know besides the program.
struct RuleContext {
  const Program& program;
  std::string home;                            ///< `cpu`, `cuda:0`, ... or `unknown`.
  std::vector<std::string> storage_locations;  ///< Devices that an archive's storages name.
  std::vector<std::string> stood_in;           ///< Absent here; another device stands in for them.
  std::vector<std::string> targets;  ///< Types of devices it should run on: `cpu`, `cuda`.
};

struct Rule {
  std::string_view name;
  void (*look)(const RuleContext& context, const std::function<void(Remark)>& say);
  std::string_view summary = {};  ///< One sentence: what it finds.
  std::string_view help = {};     ///< Why that matters, and what to write instead.
};

/// All rules, in the order in which findings are listed.
const std::vector<Rule>& all_rules();

}  // namespace crosstrace
