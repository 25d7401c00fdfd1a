// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Holds what diagnosis says of a model against what every cell of its matrix does.
#pragma once

#include <crosstrace/devices/discovery.h>
#include <crosstrace/diagnose/device_matter.h>
#include <crosstrace/diagnose/diagnosis.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/plan.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace crosstrace {

enum class Told {
  kExactly,  ///< Every cell is predicted as it is.
  kMaybe,    ///< The graph does not tell: `may fail` is right of any cell.
};

inline std::string describe(const Prediction& prediction) {
  switch (prediction.answer) {
    case Prediction::Answer::kMatches:
      return "match";
    case Prediction::Answer::kMayFail:
      return "may fail";
    default:
      return std::string(to_string(prediction.verdict));
  }
}

/// What the devices of a cell come to: its numbers are not what is asked here.
inline std::string devices_of(const CellResult& result) {
  const bool about_devices =
      result.verdict == Verdict::kError || result.verdict == Verdict::kWrongDevice;
  return std::string(to_string(about_devices ? result.verdict : Verdict::kMatch));
}

/// Expects that predictions agree with the cells of one export, that failures have causes, and
/// that an export of which all cells match has no finding about devices above a note.
inline void expect_agreement_of_export(const std::vector<CellResult>& results,
                                       const torch::jit::Module& module, const std::string& home,
                                       Told told) {
  DiagnoseOptions options;
  options.home = home;
  std::vector<std::pair<Transfer, std::string>> cells;
  for (const CellResult& result : results) {
    cells.emplace_back(result.id.transfer, result.id.run_device);
  }
  const Diagnosis diagnosis = diagnose(module, options, cells);
  bool all_match = true;
  for (const CellResult& result : results) {
    const Prediction& prediction =
        diagnosis.predictions.at({result.id.transfer, result.id.run_device});
    const bool open = told == Told::kMaybe && prediction.answer == Prediction::Answer::kMayFail;
    if (!open) {
      EXPECT_EQ(describe(prediction), devices_of(result))
          << result.id.describe() << ": " << result.message;
    }
    EXPECT_EQ(prediction.causes.empty(), prediction.answer == Prediction::Answer::kMatches)
        << result.id.describe();
    all_match = all_match && devices_of(result) == "match";
  }
  for (const Finding& finding : diagnosis.findings) {
    if (all_match && told == Told::kExactly) {
      EXPECT_FALSE(is_device_matter(finding)) << finding.rule << ": " << finding.message;
    }
  }
}

/// Runs all cells of `model` on the CPU and the simulated devices. Exports that cannot be made are
/// left out.
inline void expect_agreement(const Model& model, Told told = Told::kExactly,
                             std::vector<ExportKind> kinds = {}) {
  Session session({});
  std::map<std::pair<ExportKind, std::string>, std::vector<CellResult>> exports;
  for (const CellId& id : plan_cells(model, {"cpu", "sim:0", "sim:1"})) {
    const bool wanted = kinds.empty() || kinds.front() == id.export_kind;
    if (!wanted || id.transfer == Transfer::kAsTraced) continue;
    if (!session.exported(model, id.export_kind, id.trace_device).value) continue;
    exports[{id.export_kind, id.trace_device}].push_back(Cell(session, model, id).run());
  }
  EXPECT_FALSE(exports.empty()) << "nothing could be exported";
  for (const auto& [made, results] : exports) {
    const std::string home = made.second == "unknown" ? "cpu" : made.second;
    expect_agreement_of_export(
        results, session.exported(model, made.first, made.second).value->copy(), home, told);
  }
}

}  // namespace crosstrace
