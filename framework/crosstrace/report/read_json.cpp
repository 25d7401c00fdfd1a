// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/finding_json.h>
#include <crosstrace/report/detail/parse_word.h>
#include <crosstrace/report/detail/placement_json.h>
#include <crosstrace/report/read_json.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace crosstrace {
namespace {

using Json = nlohmann::json;
using detail::parse_word;

/// JSON has no NaN and no infinity; they were written as null.
double number(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

DeviceInfo device_from(const Json& json) {
  DeviceInfo device;
  device.name = json.at("name");
  device.state =
      parse_word(json.at("state").get<std::string>(), DeviceState::kAvailable, DeviceState::kLost);
  device.reason = json.at("reason");
  device.simulated = json.at("simulated");
  const Json& stands_in = json.at("stands_in");
  if (!stands_in.is_null()) device.stands_in = stands_in;
  return device;
}

std::optional<Evidence> evidence_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  Evidence evidence;
  evidence.referee = json.at("referee");
  evidence.reference_error = number(json.at("reference_error"));
  evidence.device_error = number(json.at("device_error"));
  evidence.factor = number(json.at("factor"));
  evidence.limit = number(json.at("limit"));
  const bool decided = json.at("decided_by") == "evidence";
  evidence.decided_by = decided ? Evidence::DecidedBy::kEvidence : Evidence::DecidedBy::kTolerance;
  return evidence;
}

LeafComparison output_from(const Json& json) {
  LeafComparison leaf;
  leaf.path = json.at("path");
  leaf.dtype = json.at("dtype");
  leaf.shape = json.at("shape").get<std::vector<std::int64_t>>();
  leaf.mismatched = json.at("mismatched");
  leaf.total = json.at("total");
  leaf.max_abs = number(json.at("max_abs"));
  leaf.max_rel = number(json.at("max_rel"));
  leaf.worst_index = json.at("worst_index").get<std::vector<std::int64_t>>();
  leaf.nonfinite = json.at("nonfinite");
  leaf.evidence = evidence_from(json.value("evidence", Json()));
  return leaf;
}

std::optional<PrecisionEffect> effect_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return PrecisionEffect{number(json.at("max_abs")), number(json.at("max_rel"))};
}

CellResult cell_from(const Json& json) {
  CellResult cell;
  cell.id.model = json.at("model");
  cell.id.method = json.at("method");
  cell.id.export_kind =
      parse_word(json.at("export").get<std::string>(), ExportKind::kTrace, ExportKind::kArchive);
  cell.id.trace_device = json.at("trace_device");
  cell.id.transfer = parse_transfer(json.at("transfer").get<std::string>());
  cell.id.run_device = json.at("run_device");
  cell.verdict =
      parse_word(json.at("verdict").get<std::string>(), Verdict::kMatch, Verdict::kSkipped);
  cell.message = json.at("message");
  for (const Json& output : json.at("outputs")) cell.outputs.push_back(output_from(output));
  cell.as_exported = effect_from(json.at("as_exported"));
  cell.causes = json.at("causes").get<std::vector<std::string>>();
  cell.duration_ms = json.at("duration_ms");
  if (json.contains("placement")) cell.placement = detail::placement_from(json.at("placement"));
  cell.assertion = json.value("assertion", "");
  cell.machine = json.value("machine", "");
  cell.repeat = json.value("repeat", "");
  cell.expected_failure = json.value("expected_failure", "");
  cell.failed_as_expected = json.value("failed_as_expected", false);
  return cell;
}

}  // namespace

Report report_from_json(const std::string& text) try {
  const Json json = Json::parse(text);
  Report report;
  report.tool_version = json.at("tool_version");
  report.libtorch_version = json.at("libtorch_version");
  report.machine = json.value("machine", "");
  report.program = json.value("program", "");
  if (json.contains("shard")) {
    report.shard = {json.at("shard").at("index"), json.at("shard").at("total")};
  }
  for (const Json& device : json.at("devices")) report.devices.push_back(device_from(device));
  for (const Json& cell : json.at("cells")) report.cells.push_back(cell_from(cell));
  for (const Json& finding : json.at("findings")) {
    report.findings.push_back(detail::finding_from(finding));
  }
  return report;
} catch (const std::exception& error) {
  throw std::runtime_error(std::string("this is not a report of crosstrace check: ") +
                           error.what());
}

}  // namespace crosstrace
