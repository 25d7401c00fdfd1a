// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/rule_descriptions.h>
#include <crosstrace/diagnose/rule.h>

#include <string>

namespace crosstrace {

std::vector<RuleDescription> rule_descriptions() {
  std::vector<RuleDescription> descriptions;
  for (const Rule& rule : all_rules()) {
    descriptions.push_back(
        {std::string(rule.name), std::string(rule.summary), std::string(rule.help)});
  }
  return descriptions;
}

}  // namespace crosstrace
