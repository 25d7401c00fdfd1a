// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/json.h>
#include <crosstrace/report/read_json.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace crosstrace {
namespace {

Report report_of(const PlacementProof& placement) {
  CellResult cell;
  cell.id = {"M", ExportKind::kTrace, "cpu", Transfer::kTo, "sim:0"};
  cell.placement = placement;
  Report report;
  report.cells = {cell};
  return report;
}

TEST(PlacementJson, SaysWhereOperatorsRan) {
  PlacementProof placement;
  placement.run_device = "sim:0";
  placement.operators = {{"aten::arange", "cpu", 3, 2, SourceLocation{"model.py", 31}}};
  placement.copies = {{"aten::index", "cpu", "sim:0", 3, std::nullopt}};
  const std::string text = to_json(report_of(placement));
  EXPECT_EQ(nlohmann::json::parse(text)["cells"][0]["placement"], nlohmann::json::parse(R"({
    "run_device": "sim:0",
    "operators": [{"name": "aten::arange", "device": "cpu", "calls": 3, "sized_calls": 2,
                   "source": {"file": "model.py", "line": 31}}],
    "copies": [{"inside": "aten::index", "from": "cpu", "to": "sim:0", "calls": 3,
                "source": null}]})"));
  const PlacementProof read = report_from_json(text).cells.at(0).placement;
  EXPECT_EQ(read.describe_strays(), placement.describe_strays());
  EXPECT_EQ(read.operators.at(0).calls, 3);
}

TEST(PlacementJson, IsLeftOutWhereNothingRan) {
  const std::string text = to_json(report_of({}));
  EXPECT_FALSE(nlohmann::json::parse(text)["cells"][0].contains("placement"));
  EXPECT_EQ(report_from_json(text).cells.at(0).placement.run_device, "");
}

}  // namespace
}  // namespace crosstrace
