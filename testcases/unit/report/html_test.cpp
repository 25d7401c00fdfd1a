// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What the page says before a browser draws it; page_test.py drives it in one.

#include <crosstrace/report/html.h>
#include <gmock/gmock.h>
#include <unit/report/sample_pages.h>

#include <nlohmann/json.hpp>
#include <set>

namespace crosstrace {
namespace {

using nlohmann::ordered_json;
using test::hostile_report;
using test::sample_report;
using testing::HasSubstr;
using testing::Not;

/// A part of a text: where it begins, and how long it is.
struct Part {
  std::size_t begin;
  std::size_t size;
};

Part between(const std::string& text, const std::string& begin, const std::string& end) {
  const auto start = text.find(begin) + begin.size();
  return {start, text.find(end, start) - start};
}

ordered_json data_of(const std::string& page) {
  const auto part = between(page, "type=\"application/json\">", "</script>");
  return ordered_json::parse(page.substr(part.begin, part.size));
}

/// The page as people compare it: without style and script, and its data on many lines.
std::string readable(std::string page) {
  const auto script = between(page, "<script>", "</script>");
  page.erase(script.begin, script.size);
  const auto data = between(page, "type=\"application/json\">", "</script>");
  page.replace(data.begin, data.size, "\n" + data_of(page).dump(1) + "\n");
  const auto style = between(page, "<style>", "</style>");
  return page.erase(style.begin, style.size);
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// Of all maps, as what each cell says and where it stands.
std::vector<ordered_json> cells_of(const ordered_json& data) {
  std::vector<ordered_json> cells;
  for (const auto& map : data["maps"]) {
    for (const auto& row : map["cells"]) {
      for (const auto& cell : row) {
        if (cell.is_object()) cells.push_back(cell);
      }
    }
  }
  return cells;
}

Report report_of(const CellResult& cell) {
  Report report{.tool_version = "0.1.0", .libtorch_version = "2.15.0"};
  report.cells = {cell};
  return report;
}

TEST(HtmlReportTest, IsTheGoldenFile) {
  EXPECT_EQ(test::golden_difference("report.html", readable(to_html(sample_report()))), "");
}

TEST(HtmlReportTest, NeedsNothingFromElsewhere) {
  const auto page = to_html(sample_report());
  for (const char* way : {"://", " src=", "url(", "@import", "import(", "fetch("}) {
    EXPECT_THAT(page, Not(HasSubstr(way)));
  }
  EXPECT_THAT(page, HasSubstr("content=\"default-src 'none';"));
  EXPECT_EQ(count_of(page, "href=\""), 1U);
  EXPECT_THAT(page, HasSubstr("<link rel=\"icon\" href=\"data:,\">"));
  EXPECT_THAT(page, Not(HasSubstr("/>")));
  EXPECT_THAT(page, Not(HasSubstr("innerHTML =")));
}

TEST(HtmlReportTest, EscapesWhatModelsSay) {
  const auto page = to_html(sample_report());
  EXPECT_THAT(page, HasSubstr("Baked&lt;T&gt;"));
  EXPECT_THAT(page, HasSubstr("Baked\\u003cT\\u003e"));
  EXPECT_THAT(page, HasSubstr("differs &amp; is &lt; 0"));
  EXPECT_THAT(page, HasSubstr("differs \\u0026 is \\u003c 0"));
  EXPECT_THAT(page, Not(HasSubstr("Baked<T>")));
}

TEST(HtmlReportTest, NothingBreaksOutOfItsData) {
  const auto page = to_html(hostile_report());
  EXPECT_EQ(count_of(page, "<script"), 2U);
  EXPECT_EQ(count_of(page, "</script"), 2U);
  for (const char* text : {"<img", "<!--", "</h3>&amp;<", "\xE2\x80\xA8", "\xE2\x80\xA9", "\x1b"}) {
    const auto part = between(page, "type=\"application/json\">", "\n<script>");
    EXPECT_THAT(page.substr(part.begin, part.size), Not(HasSubstr(text)));
  }
  EXPECT_EQ(count_of(page, "<img"), 0U);
  EXPECT_EQ(data_of(page)["maps"][0]["title"], hostile_report().cells[0].id.model);
}

TEST(HtmlReportTest, HasEveryCell) {
  const auto data = data_of(to_html(sample_report()));
  EXPECT_EQ(cells_of(data).size(), sample_report().cells.size());
  std::set<std::string> meanings;
  for (const auto& kind : data["kinds"]) meanings.insert(kind["meaning"]);
  EXPECT_THAT(meanings, testing::UnorderedElementsAre("match", "mismatch", "error",
                                                      "error, as declared", "untrusted", "skipped",
                                                      "matches, though a failure is declared"));
}

TEST(HtmlReportTest, SaysWhereverASimulatedDeviceStandsThatItIsOne) {
  Report report = sample_report();
  report.devices.back().stands_in = "sim:1";
  const auto page = to_html(report);
  const auto note_of = [](const std::string& device) {
    if (device == "cuda:0") return "sim:1 standing in";
    return device.starts_with("sim") ? "simulated" : "";
  };
  const auto maps = data_of(page)["maps"];
  ASSERT_FALSE(maps.empty());
  for (const auto& map : maps) {
    EXPECT_FALSE(map["columns"].empty());
    EXPECT_FALSE(map["rows"].empty());
    for (const auto& column : map["columns"]) EXPECT_EQ(column["note"], note_of(column["device"]));
    for (const auto& row : map["rows"]) EXPECT_EQ(row["note"], note_of(row["device"]));
  }
  EXPECT_THAT(page, HasSubstr(">13 passed, 8 of them simulated<"));
  EXPECT_THAT(page, HasSubstr("<td>available, simulated</td>"));
  EXPECT_THAT(page, HasSubstr("<td>absent, sim:1 standing in</td>"));
  EXPECT_THAT(page, HasSubstr("no proof of CUDA kernels or numerics. cuda:0, sim:1 standing in."));
}

// As in a report that lists no devices.
TEST(HtmlReportTest, KnowsASimulatedDeviceByItsName) {
  const auto page =
      to_html(report_of(test::cell("M", "sim:1", Transfer::kTo, "sim:0", Verdict::kMatch)));
  const auto map = data_of(page)["maps"][0];
  EXPECT_EQ(map["columns"][0]["note"], "simulated");
  EXPECT_EQ(map["rows"][0]["note"], "simulated");
}

TEST(HtmlReportTest, HasOneRowOfADeviceThatSeveralMachinesHave) {
  Report report = report_of(test::cell("M", "cpu", Transfer::kTo, "cuda:0", Verdict::kMatch));
  report.devices = {{"cuda:0", DeviceState::kAvailable, "on big"},
                    {"cuda:0", DeviceState::kAbsent, "on small: no NVIDIA driver"}};
  const auto page = to_html(report);
  EXPECT_THAT(page, HasSubstr("<td>available; absent</td>\n<td class=\"number\">1</td>"));
  EXPECT_THAT(page, HasSubstr(">on big; on small: no NVIDIA driver</td>"));
}

TEST(HtmlReportTest, SaysThatNoCellRanOnCudaUnlessOneDid) {
  const auto on_cuda = [](Verdict verdict) {
    return to_html(report_of(test::cell("M", "cpu", Transfer::kTo, "cuda:0", verdict)));
  };
  EXPECT_THAT(to_html(sample_report()), HasSubstr("No cell ran on CUDA."));
  EXPECT_THAT(on_cuda(Verdict::kSkipped), HasSubstr("No cell ran on CUDA."));
  EXPECT_THAT(on_cuda(Verdict::kMatch), Not(HasSubstr("No cell ran on CUDA.")));
}

TEST(HtmlReportTest, TellsWhyCellsWereSkippedAndWhatWasDeclared) {
  const auto page = to_html(sample_report());
  EXPECT_THAT(page, HasSubstr("11 cells: cuda:0 is absent: no NVIDIA driver (looked for "
                              "libcuda.so.1)"));
  EXPECT_THAT(page, HasSubstr("Baked&lt;T&gt;: captured tensor (1 cell)"));
}

TEST(HtmlReportTest, ACellHasItsEvidenceItsCausesAndItsCommand) {
  const auto data = data_of(to_html(sample_report()));
  int with_evidence = 0;
  for (const auto& cell : cells_of(data)) {
    for (const auto& output : cell.value("outputs", ordered_json::array())) {
      with_evidence += output.size() == 7;
    }
    if (!cell.contains("repeat")) continue;
    EXPECT_EQ(data["shared"][cell["repeat"][0].get<int>()].get<std::string>() +
                  cell["repeat"][1].get<std::string>(),
              "crosstrace check 'my model.pt' --transfer to --devices sim:0");
    EXPECT_EQ(data["shared"][cell["causes"][0].get<int>()], "device-literal-1");
  }
  EXPECT_EQ(with_evidence, 2);
  EXPECT_EQ(data["findings"].size(), 4U);
  EXPECT_EQ(data["findings"][0]["title"],
            "device-literal at src/my model.py:14, aten::arange in forward");
  EXPECT_THAT(data["findings"][1]["details"], HasSubstr("+ %3 : Tensor = aten::sub(%1, %2)"));
}

TEST(HtmlReportTest, ListsTheFirstOfManyOutputsAndCauses) {
  auto cell = test::cell("M", "cpu", Transfer::kTo, "cpu", Verdict::kMismatch, "differs");
  cell.outputs.resize(23);
  cell.outputs.back().mismatched = 7;
  cell.causes.assign(10, "random-1");
  const auto data = data_of(to_html(report_of(cell)));
  const auto result = cells_of(data).at(0);
  EXPECT_EQ(result["outputs"].size(), 20U);
  EXPECT_EQ(result["outputs"][0][3], 7);
  EXPECT_EQ(result["moreOutputs"], 3);
  EXPECT_EQ(result["causes"].size(), 8U);
  EXPECT_EQ(result["moreCauses"], 2);
}

TEST(HtmlReportTest, SaysWithoutScriptsWhatFailedAndWhy) {
  const auto page = to_html(sample_report());
  const auto part = between(page, "<noscript>", "</noscript>");
  const auto text = page.substr(part.begin, part.size);
  EXPECT_THAT(text, HasSubstr("Baked&lt;T&gt;: trace on cpu, to, run on sim:0: mismatch: call 1 of "
                              "3: output: 1 of 6 elements (16.7%) differs &amp; is &lt; 0"));
  EXPECT_THAT(text, HasSubstr("matches, though a failure is declared: captured tensor"));
  EXPECT_THAT(text, HasSubstr("match, decided by evidence: output: 1 of 6 elements"));
  EXPECT_THAT(text, HasSubstr("untrusted: every output is empty"));
  EXPECT_THAT(text, HasSubstr("Register it as a buffer."));
}

TEST(HtmlReportTest, WeighsLittleForManyCells) {
  const auto page = to_html(test::large_report());
  EXPECT_EQ(cells_of(data_of(page)).size(), 6400U);
  EXPECT_LT(page.size(), 3'000'000U);
}

}  // namespace
}  // namespace crosstrace
