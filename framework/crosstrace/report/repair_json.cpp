// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/finding_json.h>
#include <crosstrace/report/json.h>
#include <crosstrace/report/repair_json.h>

#include <nlohmann/json.hpp>

namespace crosstrace {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;

/// For the home device, as a row of devices in the report of `check` has it.
Json stands_in_json(const RepairResult& result) {
  const auto found = result.stand_ins.find(result.home);
  return found == result.stand_ins.end() ? Json() : Json(found->second);
}

Json steps_json(const std::vector<RepairStep>& steps) {
  Json array = Json::array();
  for (const auto& step : steps) {
    array.push_back({{"method", step.method},
                     {"operator", step.operator_name},
                     {"attribute", step.attribute},
                     {"module_path", step.module_path},
                     {"source", detail::source_json(step.source)},
                     {"text", step.text},
                     {"advice", step.advice},
                     {"findings", step.findings}});
  }
  return array;
}

Json proof_json(const std::optional<Proof>& proof) {
  if (!proof) return nullptr;
  Report report;
  report.cells = proof->cells;
  return {{"calls_at_home", proof->calls_at_home},
          {"cells", Json::parse(to_json(report)).at("cells")}};
}

}  // namespace

std::string to_json(const RepairReport& report) {
  const auto& result = report.result;
  Json json = {{"schema_version", kSchemaVersion},
               {"tool_version", report.tool_version},
               {"libtorch_version", report.libtorch_version},
               {"archive", result.archive},
               {"target", result.target},
               {"home", result.home},
               {"stands_in", stands_in_json(result)},
               {"written", result.written},
               {"why_not", result.why_not},
               {"steps", steps_json(result.steps)},
               {"left", steps_json(result.left)},
               {"findings", Json::array()},
               {"proof", proof_json(result.proof)}};
  for (const auto& finding : result.findings)
    json["findings"].push_back(detail::finding_json(finding));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace crosstrace
