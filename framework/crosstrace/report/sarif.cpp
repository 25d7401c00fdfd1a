// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/util/hash.h>
#include <crosstrace/report/detail/uri.h>
#include <crosstrace/report/sarif.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace crosstrace {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

Json rule_json(const RuleDescription& rule) {
  return {{"id", rule.name},
          {"name", rule.name},
          {"shortDescription", {{"text", rule.summary}}},
          {"fullDescription", {{"text", rule.summary}}},
          {"help", {{"text", rule.help}}},
          {"properties", {{"tags", {"portability", "torchscript"}}, {"precision", "high"}}}};
}

std::size_t rule_index(const std::vector<RuleDescription>& rules, const std::string& name) {
  const auto found =
      std::find_if(rules.begin(), rules.end(), [&](const auto& rule) { return rule.name == name; });
  if (found == rules.end()) throw std::logic_error("rule '" + name + "' has no description");
  return found - rules.begin();
}

/// Names like <string> or <eval_with_key>.2 that Python gives to code without a file.
bool is_file(const SourceLocation& source) {
  return source.line > 0 && !source.file.empty() && source.file.front() != '<';
}

Json physical_location(const Finding& finding, const Inspection& inspection,
                       const std::filesystem::path& folder) {
  const auto source = finding.source.value_or(SourceLocation{});
  const auto& file = is_file(source) ? source.file : inspection.archive;
  const int line = is_file(source) ? source.line : 1;
  return {{"artifactLocation", {{"uri", detail::to_uri(file, folder)}}},
          {"region", {{"startLine", line}, {"startColumn", 1}}}};
}

Json logical_locations(const Finding& finding) {
  Json locations = Json::array();
  const auto add = [&](const std::string& name, const char* kind) {
    if (!name.empty()) locations.push_back({{"fullyQualifiedName", name}, {"kind", kind}});
  };
  add(finding.module_path, "module");
  add(finding.method, "function");
  add(finding.function, "function");
  add(finding.operator_name, "operator");
  return locations;
}

Json location(const Finding& finding, const Inspection& inspection,
              const std::filesystem::path& folder) {
  Json json = {{"physicalLocation", physical_location(finding, inspection, folder)}};
  Json logical = logical_locations(finding);
  if (!logical.empty()) json["logicalLocations"] = std::move(logical);
  return json;
}

/// Tells findings apart by what stays when lines move; among equals their order has to do.
class Fingerprints {
 public:
  std::string next(const Finding& finding) {
    std::string identity;
    for (const auto* part : {&finding.rule, &finding.method, &finding.operator_name,
                             &finding.module_path, &finding.function}) {
      identity += *part + '\n';
    }
    const auto ordinal = ++seen_[identity];
    return c10::sha1(identity).str().substr(0, 16) + ":" + std::to_string(ordinal);
  }

 private:
  std::map<std::string, int> seen_;
};

std::string text_of(const Finding& finding) {
  return finding.advice.empty() ? finding.message : finding.message + " " + finding.advice;
}

Json results_json(const Inspection& inspection, const std::vector<RuleDescription>& rules,
                  const std::filesystem::path& folder) {
  Json results = Json::array();
  Fingerprints fingerprints;
  const auto archive = detail::to_uri(inspection.archive, folder);
  for (const auto& finding : inspection.findings) {
    results.push_back(
        {{"ruleId", finding.rule},
         {"ruleIndex", rule_index(rules, finding.rule)},
         {"level", to_string(finding.severity)},
         {"message", {{"text", text_of(finding)}}},
         {"analysisTarget", {{"uri", archive}}},
         {"locations", Json::array({location(finding, inspection, folder)})},
         {"partialFingerprints", {{"primaryLocationLineHash", fingerprints.next(finding)}}},
         {"properties", {{"id", finding.id}, {"repair", to_string(finding.repair)}}}});
  }
  return results;
}

}  // namespace

std::string to_sarif(const Inspection& inspection, const std::vector<RuleDescription>& rules,
                     const std::filesystem::path& folder) {
  Json rules_json = Json::array();
  for (const auto& rule : rules) rules_json.push_back(rule_json(rule));
  const Json driver = {
      {"name", "CrossTrace"}, {"semanticVersion", inspection.tool_version}, {"rules", rules_json}};
  // Without an id of its own, a second archive's upload would replace the first one's results.
  const Json run = {{"tool", {{"driver", driver}}},
                    {"automationDetails",
                     {{"id", "crosstrace/" + detail::to_uri(inspection.archive, folder) + "/"}}},
                    {"results", results_json(inspection, rules, folder)}};
  const Json log = {{"$schema", kSchema}, {"version", "2.1.0"}, {"runs", Json::array({run})}};
  return log.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace crosstrace
