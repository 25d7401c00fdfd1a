// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/base/printable.h>
#include <crosstrace/report/detail/findings.h>
#include <crosstrace/report/detail/outcome_word.h>
#include <crosstrace/report/github.h>

#include <set>
#include <utility>
#include <vector>

namespace crosstrace {
namespace {

constexpr std::size_t kMost = 10;

/// As actions/toolkit escapes (packages/core/src/command.ts): data, and `:` and `,` in properties.
std::string escaped(std::string_view text, bool is_property) {
  std::string result;
  for (const char character : printable(text)) {
    switch (character) {
      case '%':
        result += "%25";
        break;
      case '\r':
        result += "%0D";
        break;
      case '\n':
        result += "%0A";
        break;
      case ':':
        result += is_property ? "%3A" : ":";
        break;
      case ',':
        result += is_property ? "%2C" : ",";
        break;
      default:
        result += character;
    }
  }
  return result;
}

struct Annotation {
  std::optional<SourceLocation> source;
  std::string title;
  std::string text;
};

std::string line_of(const Annotation& annotation, const std::filesystem::path& folder) {
  std::string line = "::error ";
  if (annotation.source) {
    std::filesystem::path file = annotation.source->file;
    if (file.is_absolute()) {
      const auto relative = file.lexically_relative(folder);
      if (!relative.empty() && *relative.begin() != "..") file = relative;
    }
    line += "file=" + escaped(file.string(), true) +
            ",line=" + std::to_string(annotation.source->line) + ",";
  }
  return line + "title=" + escaped(annotation.title, true) +
         "::" + escaped(annotation.text, false) + "\n";
}

Annotation of_cause(const Finding& finding, const CellResult& cell) {
  std::string text = finding.message;
  if (!finding.advice.empty()) text += "\n" + finding.advice;
  return {finding.source, finding.rule, text + "\nFails: " + cell.id.describe()};
}

std::vector<Annotation> annotations_of(const Report& report) {
  const detail::FindingIndex findings(report.findings);
  std::vector<Annotation> located, others;
  std::set<std::string> told;
  for (const CellResult& cell : report.cells) {
    if (!detail::is_failure(cell)) continue;
    bool has_line = false;
    for (const Finding* finding : findings.causes(cell)) {
      has_line |= finding->source.has_value();
      if (finding->source && told.insert(finding->id).second)
        located.push_back(of_cause(*finding, cell));
    }
    const std::string line =
        cell.verdict == Verdict::kMatch
            ? "matches, though a failure is declared: " + cell.expected_failure
            : std::string(to_string(cell.verdict)) + ": " + first_line(cell.message);
    if (!has_line && told.insert(cell.id.model + "\n" + line).second) {
      others.push_back({std::nullopt, cell.id.describe(), line});
    }
  }
  located.insert(located.end(), others.begin(), others.end());
  return located;
}

}  // namespace

std::string to_annotations(const Report& report, const std::filesystem::path& folder) {
  std::string text;
  std::vector<Annotation> all = annotations_of(report);
  if (all.size() > kMost) {
    const std::size_t left_out = all.size() - (kMost - 1);
    all.resize(kMost - 1);
    all.push_back({std::nullopt, "CrossTrace",
                   std::to_string(left_out) + " more: see the summary of this step"});
  }
  for (const Annotation& annotation : all) text += line_of(annotation, folder);
  return text;
}

}  // namespace crosstrace
