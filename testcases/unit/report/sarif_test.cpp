// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Whether the golden file keeps to the published schema, validate_sarif.py says.

#include <crosstrace/report/detail/uri.h>
#include <crosstrace/report/sarif.h>
#include <gmock/gmock.h>
#include <unit/report/sample_inspection.h>
#include <unit/temporary_file.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace crosstrace {
namespace {

using nlohmann::json;
using test::golden_difference;
using test::sample_inspection;
using test::sample_rules;

json run_of(const Inspection& inspection, const std::string& folder = "/project") {
  return json::parse(to_sarif(inspection, sample_rules(), folder)).at("runs").at(0);
}

json first_result(const Finding& finding) {
  Inspection inspection = sample_inspection();
  inspection.findings = {finding};
  return run_of(inspection).at("results").at(0);
}

std::string fingerprint(const json& result) {
  return result.at("partialFingerprints").at("primaryLocationLineHash");
}

TEST(SarifTest, IsTheGoldenFile) {
  const auto text = to_sarif(sample_inspection(), sample_rules(), "/project");
  EXPECT_EQ(golden_difference("inspection.sarif", text), "");
}

TEST(SarifTest, ListsEveryRuleAndPointsToIt) {
  const auto run = run_of(sample_inspection());
  const auto& rules = run.at("tool").at("driver").at("rules");
  EXPECT_EQ(rules.size(), sample_rules().size());
  for (const auto& result : run.at("results")) {
    EXPECT_EQ(rules.at(result.at("ruleIndex").get<std::size_t>()).at("id"), result.at("ruleId"));
  }
}

TEST(SarifTest, PointsToTheLineOfTheAuthor) {
  const auto location =
      first_result(test::sample_findings()[2]).at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(location.at("artifactLocation").at("uri"), "src/my%20model.py");
  EXPECT_EQ(location.at("region").at("startLine"), 14);
}

// GitHub shows no result without a file and a line.
TEST(SarifTest, PointsToTheArchiveWhereNoLineIsKnown) {
  Finding finding = test::sample_findings()[2];
  const std::vector<std::optional<SourceLocation>> unknown = {
      std::nullopt, SourceLocation{"<eval_with_key>.2", 3}, SourceLocation{"model.py", 0},
      SourceLocation{"", 3}};
  for (const auto& source : unknown) {
    finding.source = source;
    const auto location = first_result(finding).at("locations").at(0).at("physicalLocation");
    EXPECT_EQ(location.at("artifactLocation").at("uri"), "models/my%20model.pt");
    EXPECT_EQ(location.at("region").at("startLine"), 1);
  }
}

TEST(SarifTest, HasNoLogicalLocationsWhereNoneAreKnown) {
  const auto result = first_result(Finding{.rule = "random", .message = "Why."});
  EXPECT_FALSE(result.at("locations").at(0).contains("logicalLocations"));
}

TEST(SarifTest, KeepsFingerprintsWhenLinesMove) {
  Finding finding = test::sample_findings()[2];
  const auto before = fingerprint(first_result(finding));
  finding.source->line += 20;
  finding.id = "device-literal-7";
  EXPECT_EQ(fingerprint(first_result(finding)), before);
  finding.operator_name = "aten::zeros";
  EXPECT_NE(fingerprint(first_result(finding)), before);
}

TEST(SarifTest, TellsEqualFindingsApart) {
  Inspection inspection = sample_inspection();
  const auto finding = inspection.findings[2];
  inspection.findings = {finding, finding, finding};
  std::set<std::string> fingerprints;
  const auto run = run_of(inspection);
  for (const auto& result : run.at("results")) fingerprints.insert(fingerprint(result));
  EXPECT_EQ(fingerprints.size(), 3U);
}

TEST(SarifTest, RefusesARuleWithoutDescription) {
  EXPECT_THROW(to_sarif(sample_inspection(), {}, "/project"), std::logic_error);
}

TEST(UriTest, IsRelativeInsideAndAbsoluteOutside) {
  EXPECT_EQ(detail::to_uri("model.py", "/project"), "model.py");
  EXPECT_EQ(detail::to_uri("/project/a/b.py", "/project"), "a/b.py");
  EXPECT_EQ(detail::to_uri("./a/../b.py", "/project"), "b.py");
  EXPECT_EQ(detail::to_uri("../b.py", "/project/deep"), "file:///project/b.py");
  EXPECT_EQ(detail::to_uri("/opt/model.py", "/project"), "file:///opt/model.py");
  EXPECT_EQ(detail::to_uri("/projects/model.py", "/project"), "file:///projects/model.py");
}

TEST(UriTest, EncodesWhatAUriMustNotHold) {
  EXPECT_EQ(detail::to_uri("a b%#?:[x]\xC3\xA9.py", "/project"),
            "a%20b%25%23%3F%3A%5Bx%5D%C3%A9.py");
}

TEST(UriTest, FollowsSymbolicLinks) {
  const TemporaryFile file("real.py");
  std::ofstream(file.path()) << "x";
  std::filesystem::create_symlink("real.py", file.folder() / "link.py");
  EXPECT_EQ(detail::to_uri("link.py", file.folder()), "real.py");
}

}  // namespace
}  // namespace crosstrace
