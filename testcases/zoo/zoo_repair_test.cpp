// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Repairs every export of the zoo: those declared automatic get a full matrix, the others nothing.

#include <crosstrace/archive/archive.h>
#include <crosstrace/export/export.h>
#include <crosstrace/models/registry.h>
#include <crosstrace/repair/repair_archive.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/temporary_file.h"
#include "zoo/table.h"
#include "zoo/zoo.h"
#include "zoo/zoo_exports.h"

namespace crosstrace::zoo {
namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

std::string told(const RepairResult& result) {
  std::ostringstream text;
  text << "home " << result.home << ", " << result.why_not;
  for (const RepairStep& step : result.steps) text << "\n  did " << step.text;
  for (const RepairStep& step : result.left) text << "\n  left " << step.text;
  return std::move(text).str();
}

class ZooRepair : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Entry& entry() const { return entries()[GetParam()]; }
  const Model& model() const { return *Registry::instance().find(entry().model); }

  ProofCalls calls() const {
    ProofCalls calls;
    calls.inputs = model().inputs;
    calls.method_inputs = model().method_inputs;
    calls.tolerance = model().tolerance;
    calls.devices = devices();
    calls.stand_in = false;
    return calls;
  }

  std::string save(const ExportCells& made) const {
    if (model().archive) {
      std::filesystem::copy_file(model().archive->path(), original_.path(),
                                 std::filesystem::copy_options::overwrite_existing);
    } else {
      export_model(model(), made.id.export_kind, made.id.trace_device)
          .copy()
          .save(original_.path());
    }
    return original_.path();
  }

  RepairResult repair(const ExportCells& made, const TemporaryFile& target) const {
    return repair_archive(save(made), target.path(), calls());
  }

  TemporaryFile original_{"original.pt"};
};

/// A model that fails of nothing, or of what cannot be repaired.
bool all_match(const ExportCells& made) {
  return std::all_of(made.cells.begin(), made.cells.end(),
                     [](const CellResult& cell) { return cell.verdict == Verdict::kMatch; });
}

/// For the Python that shall load what was repaired: archives, arguments and answers, in the folder
/// that CROSSTRACE_ZOO_REPAIRED names.
void keep_for_python(const Model& model, const ExportCells& made, const std::string& original,
                     const RepairResult& result) {
  const char* folder = std::getenv("CROSSTRACE_ZOO_REPAIRED");
  if (folder == nullptr || result.home != "cpu") return;  // Python knows no `sim`.
  namespace fs = std::filesystem;
  fs::create_directories(folder);
  const fs::path stem =
      fs::path(folder) / (model.name + "_" + std::string(to_string(made.id.export_kind)));
  fs::copy_file(original, stem.string() + ".original.pt", fs::copy_options::overwrite_existing);
  fs::copy_file(result.target, stem.string() + ".repaired.pt",
                fs::copy_options::overwrite_existing);
  const auto inputs = c10::ivalue::Tuple::create(make_inputs(model, 0));
  const std::vector<char> pickled = torch::jit::pickle_save(inputs);
  std::ofstream(stem.string() + ".inputs.pt", std::ios::binary)
      .write(pickled.data(), static_cast<std::streamsize>(pickled.size()));
}

/// Transfers are no evidence of a home, so an archive made on sim that has neither tensors nor a
/// factory with a device does not tell that it was. On the CPU it does not answer as it did there.
bool tells_its_home(const ExportCells& made, const std::string& archive) {
  const bool is_one = made.id.model == "ReturnedFromTo" || made.id.model == "RampMovedByLiteral";
  if (!is_one || made.id.trace_device == "cpu") return true;
  EXPECT_NE(Archive(archive).home(), made.id.trace_device) << "it can be repaired";
  return false;
}

TEST_P(ZooRepair, MakesTheWholeMatrixMatch) {
  for (const ExportCells& made : exports_of(model())) {
    if (made.is_missing() || !entry().automatic(made.id)) continue;
    if (!tells_its_home(made, save(made))) continue;
    const TemporaryFile repaired("repaired.pt"), again("again.pt");
    const RepairResult first = repair(made, repaired);
    Row& row = table()[entry().defect];
    row.repairable += 1;
    row.repaired += first.written;
    ASSERT_TRUE(first.written) << made.id.describe() << ": " << told(first);
    EXPECT_FALSE(first.steps.empty()) << made.id.describe();
    EXPECT_TRUE(std::all_of(first.proof->cells.begin(), first.proof->cells.end(),
                            [](const auto& cell) { return cell.verdict == Verdict::kMatch; }));
    EXPECT_GE(first.proof->calls_at_home, 3);
    for (const RepairStep& step : first.steps) {
      EXPECT_FALSE(step.findings.empty()) << made.id.describe() << ": no finding for " << step.text;
    }
    const RepairResult second = repair_archive(repaired.path(), again.path(), calls());
    EXPECT_TRUE(second.written) << made.id.describe() << ": " << told(second);
    EXPECT_TRUE(second.steps.empty()) << made.id.describe() << ": " << told(second);
    EXPECT_EQ(bytes_of(again.path()), bytes_of(repaired.path()));
    keep_for_python(model(), made, original_.path(), first);
  }
}

// An archive is its own reference: what rules cannot tell of it, its proof does not tell either.
TEST_P(ZooRepair, CopiesWhatNeedsNoneAndWritesNothingWhereItCannot) {
  if (entry().beyond_rules) GTEST_SKIP() << "fails of what no rule can tell";
  for (const ExportCells& made : exports_of(model())) {
    if (made.is_missing() || entry().automatic(made.id)) continue;
    const TemporaryFile target("target.pt");
    const RepairResult result = repair(made, target);
    EXPECT_EQ(result.written, all_match(made)) << made.id.describe() << ": " << told(result);
    if (result.written) {
      EXPECT_TRUE(result.steps.empty()) << made.id.describe() << ": " << told(result);
      EXPECT_EQ(bytes_of(target.path()), bytes_of(original_.path()));
    } else {
      EXPECT_FALSE(result.why_not.empty());
      EXPECT_TRUE(std::filesystem::is_empty(target.folder()));
    }
  }
}

std::vector<std::size_t> all_entries() {
  std::vector<std::size_t> indices(entries().size());
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
  return indices;
}

INSTANTIATE_TEST_SUITE_P(Models, ZooRepair, ::testing::ValuesIn(all_entries()),
                         [](const auto& info) { return entries()[info.param].model; });

}  // namespace
}  // namespace crosstrace::zoo
