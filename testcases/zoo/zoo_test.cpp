// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Runs every cell of every model of the zoo, diagnoses every export, and holds both against what is
// known.

#include "zoo/zoo.h"

#include <crosstrace/diagnose/diagnose_archive.h>
#include <crosstrace/export/export.h>
#include <crosstrace/models/registry.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <sstream>

#include "zoo/table.h"
#include "zoo/zoo_exports.h"

namespace crosstrace::zoo {
namespace {

class Zoo : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Entry& entry() const { return entries()[GetParam()]; }
  const Model& model() const { return *Registry::instance().find(entry().model); }
  Row& row() const {
    Row& row = table()[entry().defect];
    row.models.insert(entry().model);
    return row;
  }
};

TEST_P(Zoo, EveryCellDoesWhatIsKnownOfIt) {
  for (const ExportCells& made : exports_of(model())) {
    for (const CellResult& result : made.cells) {
      EXPECT_EQ(outcome(result), Outcome::kPassed)
          << result.id.describe() << ": " << to_string(result.verdict) << ": " << result.message;
      row().measured += result.verdict != Verdict::kSkipped;
    }
  }
}

Diagnosis diagnose_export(const Model& model, const ExportCells& made) {
  std::vector<std::pair<Transfer, std::string>> cells;
  for (const CellResult& cell : made.cells) {
    cells.emplace_back(cell.id.transfer, cell.id.run_device);
  }
  if (made.id.export_kind == ExportKind::kArchive) return diagnose_archive(*model.archive, cells);
  DiagnoseOptions options;
  options.home = made.id.trace_device;
  const Export exported = export_model(model, made.id.export_kind, made.id.trace_device);
  return diagnose(exported.copy(), options, cells);
}

using Key = std::tuple<std::string, std::string, Severity>;

/// How many findings of each kind.
using Counts = std::map<Key, int>;

Counts expected_in(const Entry& entry, const CellId& id) {
  Counts counts;
  for (const ExpectedFinding& finding : entry.findings) {
    if (!finding.exports(id)) continue;
    counts[{finding.rule, finding.operator_name, finding.severity}] += finding.count;
  }
  return counts;
}

Counts counts_of(const std::vector<Finding>& findings) {
  Counts counts;
  for (const Finding& finding : findings) {
    ++counts[{finding.rule, finding.operator_name, finding.severity}];
  }
  return counts;
}

/// How many of `all` are not in `others`; notes count only if asked for.
int missing_from(const Counts& others, const Counts& all, bool with_notes) {
  int missing = 0;
  for (const auto& [key, count] : all) {
    if (std::get<Severity>(key) == Severity::kNote && !with_notes) continue;
    const auto other = others.find(key);
    missing += std::max(0, count - (other == others.end() ? 0 : other->second));
  }
  return missing;
}

int above_note(const Counts& counts) { return missing_from({}, counts, /*with_notes=*/false); }

std::string listed(const std::vector<Finding>& findings) {
  std::ostringstream text;
  for (const Finding& finding : findings) {
    text << "\n  " << to_string(finding.severity) << ' ' << finding.rule << ' '
         << finding.operator_name << " at " << finding.where() << ": " << finding.message;
  }
  return std::move(text).str();
}

TEST_P(Zoo, DiagnosisFindsWhatIsThereAndNothingElse) {
  for (const ExportCells& made : exports_of(model())) {
    if (made.is_missing()) continue;
    const Diagnosis diagnosis = diagnose_export(model(), made);
    const Counts expected = expected_in(entry(), made.id);
    const Counts found = counts_of(diagnosis.findings);
    const int missed = missing_from(found, expected, /*with_notes=*/true);
    const int wrong = missing_from(expected, found, /*with_notes=*/false);
    EXPECT_EQ(missed, 0) << made.id.describe() << listed(diagnosis.findings);
    EXPECT_EQ(wrong, 0) << made.id.describe() << listed(diagnosis.findings);
    ++row().exports;
    row().expected += above_note(expected);
    row().found += above_note(expected) - missing_from(found, expected, /*with_notes=*/false);
    row().wrong += wrong;
  }
}

/// A prediction that leaves it open is right only where a warning is expected.
bool is_right(const Prediction& prediction, Verdict measured, bool may_be_open) {
  switch (prediction.answer) {
    case Prediction::Answer::kMatches:
      return measured == Verdict::kMatch;
    case Prediction::Answer::kMayFail:
      return may_be_open;
    case Prediction::Answer::kFails:
      return measured == prediction.verdict;
  }
  return false;
}

bool expects_warning(const Counts& expected) {
  return std::any_of(expected.begin(), expected.end(), [](const auto& item) {
    return std::get<Severity>(item.first) == Severity::kWarning;
  });
}

TEST_P(Zoo, RulesAlonePredictEveryCell) {
  if (entry().beyond_rules) GTEST_SKIP() << "fails of what no rule can tell";
  for (const ExportCells& made : exports_of(model())) {
    if (made.is_missing()) continue;
    const Diagnosis diagnosis = diagnose_export(model(), made);
    const bool may_be_open = expects_warning(expected_in(entry(), made.id));
    for (const CellResult& cell : made.cells) {
      if (cell.id.method != "forward") continue;  // Which is what the diagnosis is asked about.
      const auto found = diagnosis.predictions.find({cell.id.transfer, cell.id.run_device});
      ASSERT_NE(found, diagnosis.predictions.end()) << cell.id.describe();
      const bool right = is_right(found->second, cell.verdict, may_be_open);
      EXPECT_TRUE(right) << cell.id.describe() << ": predicted "
                         << static_cast<int>(found->second.answer) << ' '
                         << to_string(found->second.verdict) << ", measured "
                         << to_string(cell.verdict) << ": " << cell.message;
      ++row().predicted;
      row().right += right;
    }
  }
}

std::vector<std::size_t> all_entries() {
  std::vector<std::size_t> indices(entries().size());
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
  return indices;
}

INSTANTIATE_TEST_SUITE_P(Models, Zoo, ::testing::ValuesIn(all_entries()),
                         [](const auto& info) { return entries()[info.param].model; });

class PrintsTable : public ::testing::Environment {
  void TearDown() override { print(std::cout, table()); }
};

[[maybe_unused]] ::testing::Environment* const kPrintsTable =
    ::testing::AddGlobalTestEnvironment(new PrintsTable);

}  // namespace
}  // namespace crosstrace::zoo
