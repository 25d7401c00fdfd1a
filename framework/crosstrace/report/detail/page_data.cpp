// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/printable.h>
#include <crosstrace/report/detail/device_note.h>
#include <crosstrace/report/detail/findings.h>
#include <crosstrace/report/detail/grid.h>
#include <crosstrace/report/detail/outcome_word.h>
#include <crosstrace/report/detail/page_data.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace crosstrace::detail {
namespace {

using Json = nlohmann::ordered_json;

// A cell with more of them is read by a program.
constexpr std::size_t kListedOutputs = 20;
constexpr std::size_t kListedCauses = 8;

/// Values by place; equal ones have one place.
class Shared {
 public:
  std::size_t add(Json value) {
    const auto [entry, is_new] = places_.emplace(value.dump(), values_.size());
    if (is_new) values_.push_back(std::move(value));
    return entry->second;
  }

  std::size_t add_text(const std::string& text) { return add(Json(printable(text))); }

  Json take() { return std::move(values_); }

 private:
  Json values_ = Json::array();
  std::unordered_map<std::string, std::size_t> places_;
};

std::string number(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.6g", value);
  return buffer;
}

std::string sizes(const std::vector<std::int64_t>& values) {
  std::string text = "[";
  for (const auto value : values) text += (text.size() > 1 ? ", " : "") + std::to_string(value);
  return text + "]";
}

Json evidence_json(const Evidence& evidence, Shared& shared) {
  return Json::array({shared.add_text(evidence.referee), number(evidence.reference_error),
                      number(evidence.device_error), number(evidence.factor),
                      number(evidence.limit),
                      evidence.decided_by == Evidence::DecidedBy::kEvidence});
}

bool differs(const LeafComparison& leaf) { return leaf.mismatched > 0 || leaf.nonfinite > 0; }

Json output_json(const LeafComparison& leaf, Shared& shared) {
  const auto what = shared.add(
      Json::array({printable(leaf.path), printable(leaf.dtype), sizes(leaf.shape), leaf.total}));
  Json json = Json::array({what, number(leaf.max_abs), number(leaf.max_rel)});
  if (!differs(leaf)) return json;
  json.push_back(leaf.mismatched);
  json.push_back(leaf.nonfinite);
  json.push_back(leaf.worst_index.empty() ? "" : sizes(leaf.worst_index));
  if (leaf.evidence) json.push_back(evidence_json(*leaf.evidence, shared));
  return json;
}

void add_outputs(Json& json, const CellResult& cell, Shared& shared) {
  std::vector<const LeafComparison*> leaves;
  for (const auto& leaf : cell.outputs) leaves.push_back(&leaf);
  std::stable_partition(leaves.begin(), leaves.end(),
                        [](const LeafComparison* leaf) { return differs(*leaf); });
  leaves.resize(std::min(leaves.size(), kListedOutputs));
  for (const auto* leaf : leaves) json["outputs"].push_back(output_json(*leaf, shared));
  const auto rest = cell.outputs.size() - leaves.size();
  if (rest > 0) json["moreOutputs"] = rest;
}

void add_causes(Json& json, const CellResult& cell, Shared& shared) {
  const auto listed = std::min(cell.causes.size(), kListedCauses);
  for (std::size_t i = 0; i < listed; ++i) {
    json["causes"].push_back(shared.add_text(cell.causes[i]));
  }
  if (cell.causes.size() > listed) json["moreCauses"] = cell.causes.size() - listed;
}

std::string describe(const PlacementProof& placement) {
  const auto strays = placement.describe_strays();
  if (!strays.empty()) return strays;
  return std::to_string(placement.operators.size()) + " operators, none of them away from " +
         placement.run_device;
}

// The name of the cell stands last, so commands of a program have all else in common.
void add_repeat(Json& json, const CellResult& cell, Shared& shared) {
  if (cell.repeat.empty()) return;
  const auto end = cell.repeat.rfind(' ') + 1;
  json["repeat"] = Json::array(
      {shared.add_text(cell.repeat.substr(0, end)), printable(cell.repeat.substr(end))});
}

Json cell_json(const CellResult& cell, std::size_t kind, Shared& shared) {
  Json json = {{"kind", kind}, {"ms", number(cell.duration_ms)}};
  if (!cell.message.empty()) json["message"] = shared.add_text(cell.message);
  if (!cell.expected_failure.empty()) json["declared"] = shared.add_text(cell.expected_failure);
  if (cell.as_exported)
    json["precision"] = shared.add_text(crosstrace::describe(*cell.as_exported));
  if (!cell.placement.run_device.empty()) {
    json["placement"] = shared.add_text(describe(cell.placement));
  }
  add_outputs(json, cell, shared);
  add_causes(json, cell, shared);
  add_repeat(json, cell, shared);
  return json;
}

/// What may become of a cell, by its meaning; failures first.
class Kinds {
 public:
  explicit Kinds(const std::vector<CellResult>& cells) {
    for (const std::string_view word : {"failed", "untrusted", "declared", "skipped", "passed"}) {
      for (const auto& cell : cells) {
        if (outcome_word(cell) != word || !places_.emplace(meaning(cell), places_.size()).second) {
          continue;
        }
        json.push_back({{"meaning", meaning(cell)}, {"mark", mark(cell)}, {"outcome", word}});
      }
    }
  }

  std::size_t of(const CellResult& cell) const { return places_.at(meaning(cell)); }

  Json json = Json::array();

 private:
  std::unordered_map<std::string, std::size_t> places_;
};

Json row_json(const GridRow& row, const std::vector<DeviceInfo>& devices) {
  const auto cell = std::find_if(row.cells.begin(), row.cells.end(),
                                 [](const CellResult* result) { return result != nullptr; });
  const auto& id = (*cell)->id;
  return {{"label", printable(row.label)},
          {"export", to_string(id.export_kind)},
          {"device", printable(id.trace_device)},
          {"note", printable(device_note(id.trace_device, devices))}};
}

Json map_json(const Grid& grid, const std::vector<DeviceInfo>& devices, const Kinds& kinds,
              Shared& shared) {
  Json columns = Json::array(), rows = Json::array(), cells = Json::array();
  for (const auto& column : grid.columns) {
    Json transfers = Json::array();
    for (const auto transfer : column.transfers) transfers.push_back(to_string(transfer));
    columns.push_back({{"device", printable(column.run_device)},
                       {"note", printable(device_note(column.run_device, devices))},
                       {"transfers", std::move(transfers)}});
  }
  for (const auto& row : grid.rows) {
    rows.push_back(row_json(row, devices));
    Json line = Json::array();
    for (const auto* cell : row.cells) {
      line.push_back(cell == nullptr ? Json(0) : cell_json(*cell, kinds.of(*cell), shared));
    }
    cells.push_back(std::move(line));
  }
  return {{"title", printable(grid.title())},
          {"columns", std::move(columns)},
          {"rows", std::move(rows)},
          {"cells", std::move(cells)}};
}

Json finding_json(const Finding& finding) {
  return {{"id", printable(finding.id)},
          {"severity", to_string(finding.severity)},
          {"title", title(finding)},
          {"lines", explanation(finding)},
          {"details", printable(finding.details)}};
}

/// Only inside texts do these stand in JSON, where an escape means the same.
std::string fit_for_script(const std::string& json) {
  std::string text;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto rest = std::string_view(json).substr(i);
    const bool is_separator = rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9");
    if (is_separator) {
      text += rest[2] == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else if (rest[0] == '<' || rest[0] == '>' || rest[0] == '&') {
      text += rest[0] == '<' ? "\\u003c" : rest[0] == '>' ? "\\u003e" : "\\u0026";
    } else {
      text += rest[0];
    }
  }
  return text;
}

}  // namespace

std::string page_data(const Report& report) {
  Shared shared;
  const Kinds kinds(report.cells);
  Json maps = Json::array(), findings = Json::array();
  for (const auto& grid : make_grids(report.cells)) {
    maps.push_back(map_json(grid, report.devices, kinds, shared));
  }
  for (const auto* finding : by_severity(report.findings))
    findings.push_back(finding_json(*finding));
  const Json json = {{"shared", shared.take()},
                     {"kinds", kinds.json},
                     {"maps", std::move(maps)},
                     {"findings", std::move(findings)}};
  return fit_for_script(json.dump());
}

}  // namespace crosstrace::detail
