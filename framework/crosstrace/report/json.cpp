// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/finding_json.h>
#include <crosstrace/report/detail/placement_json.h>
#include <crosstrace/report/json.h>

#include <nlohmann/json.hpp>

namespace crosstrace {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;

template <class T, class ToJson>
Json array_of(const std::vector<T>& values, ToJson to_json) {
  Json array = Json::array();
  for (const auto& value : values) array.push_back(to_json(value));
  return array;
}

Json device_json(const DeviceInfo& device) {
  return {{"name", device.name},
          {"state", to_string(device.state)},
          {"reason", device.reason},
          {"simulated", device.simulated},
          {"stands_in", device.stands_in.empty() ? Json() : Json(device.stands_in)}};
}

Json evidence_json(const std::optional<Evidence>& evidence) {
  if (!evidence) return nullptr;
  const bool decided = evidence->decided_by == Evidence::DecidedBy::kEvidence;
  return {{"referee", evidence->referee},
          {"reference_error", evidence->reference_error},
          {"device_error", evidence->device_error},
          {"factor", evidence->factor},
          {"limit", evidence->limit},
          {"decided_by", decided ? "evidence" : "tolerance"}};
}

Json output_json(const LeafComparison& leaf) {
  return {{"path", leaf.path},           {"dtype", leaf.dtype},
          {"shape", leaf.shape},         {"mismatched", leaf.mismatched},
          {"total", leaf.total},         {"max_abs", leaf.max_abs},
          {"max_rel", leaf.max_rel},     {"worst_index", leaf.worst_index},
          {"nonfinite", leaf.nonfinite}, {"evidence", evidence_json(leaf.evidence)}};
}

Json effect_json(const std::optional<PrecisionEffect>& effect) {
  if (!effect) return nullptr;
  return {{"max_abs", effect->max_abs}, {"max_rel", effect->max_rel}};
}

Json cell_json(const CellResult& cell) {
  Json json = {{"model", cell.id.model},
               {"method", cell.id.method},
               {"export", to_string(cell.id.export_kind)},
               {"trace_device", cell.id.trace_device},
               {"transfer", to_string(cell.id.transfer)},
               {"run_device", cell.id.run_device},
               {"verdict", to_string(cell.verdict)},
               {"message", cell.message},
               {"outputs", array_of(cell.outputs, output_json)},
               {"as_exported", effect_json(cell.as_exported)},
               {"causes", cell.causes},
               {"duration_ms", cell.duration_ms}};
  if (!cell.placement.run_device.empty()) {
    json["placement"] = detail::placement_json(cell.placement);
  }
  if (!cell.assertion.empty()) json["assertion"] = cell.assertion;
  if (!cell.machine.empty()) json["machine"] = cell.machine;
  if (!cell.repeat.empty()) json["repeat"] = cell.repeat;
  if (!cell.expected_failure.empty()) {
    json["expected_failure"] = cell.expected_failure;
    json["failed_as_expected"] = cell.failed_as_expected;
  }
  return json;
}

void add_origin(Json& json, const Report& report) {
  if (!report.machine.empty()) json["machine"] = report.machine;
  if (!report.program.empty()) json["program"] = report.program;
  if (report.shard.total > 1) {
    json["shard"] = {{"index", report.shard.index}, {"total", report.shard.total}};
  }
}

Json summary_json(const Summary& summary) {
  return {{"passed", summary.passed},
          {"failed", summary.failed},
          {"skipped", summary.skipped},
          {"untrusted", summary.untrusted}};
}

std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

Json without_cells(const Report& report) {
  Json json = {{"schema_version", kSchemaVersion},
               {"tool_version", report.tool_version},
               {"libtorch_version", report.libtorch_version}};
  add_origin(json, report);
  json["devices"] = array_of(report.devices, device_json);
  json["cells"] = Json::array();
  json["findings"] = array_of(report.findings, detail::finding_json);
  json["summary"] = summary_json(report.summary());
  return json;
}

}  // namespace

std::string to_json(const Report& report) {
  Json json = without_cells(report);
  json["cells"] = array_of(report.cells, cell_json);
  return text_of(json) + "\n";
}

std::string to_json(const CellResult& cell) { return text_of(cell_json(cell)); }

JsonFrame to_json_frame(const Report& report) {
  const std::string text = text_of(without_cells(report)) + "\n", list = "\"cells\": [";
  const std::size_t cells = text.find("\n  " + list) + 3 + list.size();
  return {text.substr(0, cells), text.substr(cells)};
}

}  // namespace crosstrace
