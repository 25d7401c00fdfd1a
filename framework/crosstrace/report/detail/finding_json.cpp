// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/finding_json.h>
#include <crosstrace/report/detail/parse_word.h>

#include <nlohmann/json.hpp>

namespace crosstrace::detail {

nlohmann::ordered_json source_json(const std::optional<SourceLocation>& source) {
  if (!source) return nullptr;
  return {{"file", source->file}, {"line", source->line}};
}

nlohmann::ordered_json finding_json(const Finding& finding) {
  nlohmann::ordered_json json = {{"id", finding.id},
                                 {"rule", finding.rule},
                                 {"severity", to_string(finding.severity)},
                                 {"method", finding.method},
                                 {"operator", finding.operator_name},
                                 {"message", finding.message},
                                 {"advice", finding.advice},
                                 {"source", source_json(finding.source)},
                                 {"function", finding.function},
                                 {"module_path", finding.module_path},
                                 {"repair", to_string(finding.repair)}};
  if (!finding.details.empty()) json["details"] = finding.details;
  return json;
}

Finding finding_from(const nlohmann::json& json) {
  Finding finding;
  finding.id = json.at("id");
  finding.rule = json.at("rule");
  finding.severity =
      parse_word(json.at("severity").get<std::string>(), Severity::kNote, Severity::kError);
  finding.method = json.at("method");
  finding.operator_name = json.at("operator");
  finding.message = json.at("message");
  finding.advice = json.value("advice", "");
  if (const auto& source = json.at("source"); !source.is_null()) {
    finding.source = SourceLocation{source.at("file"), source.at("line")};
  }
  finding.function = json.value("function", "");
  finding.module_path = json.at("module_path");
  finding.repair = parse_word(json.at("repair").get<std::string>(), Repairability::kNone,
                              Repairability::kAutomatic);
  finding.details = json.value("details", "");
  return finding;
}

}  // namespace crosstrace::detail
