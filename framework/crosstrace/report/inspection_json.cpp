// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/finding_json.h>
#include <crosstrace/report/inspection_json.h>

#include <nlohmann/json.hpp>

namespace crosstrace {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;

Json operator_json(const OperatorUse& use) {
  return {{"name", use.name}, {"count", use.count}, {"kernels", use.kernels}};
}

}  // namespace

std::string to_json(const Inspection& inspection) {
  Json json = {{"schema_version", kSchemaVersion},
               {"tool_version", inspection.tool_version},
               {"libtorch_version", inspection.libtorch_version},
               {"archive", inspection.archive},
               {"findings", Json::array()},
               {"operators", Json::array()}};
  for (const auto& finding : inspection.findings)
    json["findings"].push_back(detail::finding_json(finding));
  for (const auto& use : inspection.operators) json["operators"].push_back(operator_json(use));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace crosstrace
