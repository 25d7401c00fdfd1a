// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/printable.h>
#include <crosstrace/report/detail/finding_terminal.h>
#include <crosstrace/report/detail/findings.h>

#include <ostream>

namespace crosstrace::detail {
namespace {

const char* color_code(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "1;31";
    case Severity::kWarning:
      return "33";
    case Severity::kNote:
      break;
  }
  return "2";
}

}  // namespace

std::string colored(const std::string& text, const char* code, Colors colors) {
  return colors == Colors::kOn ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
}

void write_finding(std::ostream& stream, const Finding& finding, Colors colors,
                   const std::string& indent) {
  const std::string severity(to_string(finding.severity));
  stream << indent << colored(severity + ":", color_code(finding.severity), colors) << " "
         << title(finding) << " [" << printable(finding.id) << "]\n";
  for (const auto& line : explanation(finding)) stream << indent << "  " << line << "\n";
}

}  // namespace crosstrace::detail
