// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Reports that a page must bear: one that tries to be more than text, and a large one.
#pragma once

#include <unit/report/sample_report.h>

#include <string>

namespace crosstrace::test {

/// Whatever comes from a model, an exception or a path tries to become markup, a script, a link, a
/// colour, a command of a runner. A script of it that runs changes the title of the page.
inline Report hostile_report() {
  const std::string script = "<script>document.title='run'</script>";
  const std::string image = "<img src=x onerror=\"document.title='run'\">";
  Report report{.tool_version = "0.1.0", .libtorch_version = "2.15.0" + image};
  report.devices = {{"cpu", DeviceState::kAvailable, "", false},
                    {"sim:0", DeviceState::kAvailable, image, true}};
  CellResult failed =
      cell(image + "</h3>&amp;" + script, "cpu", Transfer::kTo, "sim:0", Verdict::kError,
           "</script>" + script +
               "<!--<script>\n\x1b[31mred\x1b[0m **bold** [link](javascript:run())\n" +
               "::error file=a,line=1::%0Aannotated\xE2\x80\xA8\xE2\x80\xA9 \xE2\x80\xAEsdrawkcab "
               "'\"`");
  failed.causes = {"literal\" onmouseover=run() x=\"" + script, "elsewhere" + script};
  failed.repeat = "crosstrace check '" + script + "' --devices sim:0" + image;
  failed.expected_failure = "&lt;b&gt;" + script;
  LeafComparison leaf;
  leaf.path = "output[\"" + script + "\"]";
  leaf.dtype = "Float";
  leaf.mismatched = leaf.total = 1;
  leaf.evidence.emplace().referee = "none: " + image;
  failed.outputs = {leaf};
  report.cells.push_back(failed);
  report.cells.push_back(cell("../../etc/passwd\n# h1\n| a | b |", "sim:0" + script,
                              Transfer::kLoad, "cpu" + script, Verdict::kSkipped,
                              "absent " + script + "\nmore"));
  Finding finding;
  finding.id = failed.causes.front();
  finding.rule = "device-literal";
  finding.severity = Severity::kError;
  finding.source = SourceLocation{"</pre>" + image + ".py", 3};
  finding.message = "Because " + script;
  finding.details = "- " + script + "\n+ " + image;
  report.findings = {finding};
  return report;
}

inline std::string large_message(int number) {
  std::string text = "call 1 of 3: output: " + std::to_string(number) +
                     " of 1000000 elements (0.1%) differ by more than rtol 1.3e-06, atol 1e-05";
  for (int i = 0; i < 5; ++i) {
    text += "\n  [" + std::to_string(number + i) + ", 17]: expected 0." +
            std::to_string(7919 * number + i) + ", actual 0.125" + std::to_string(i) +
            ", abs 0.0123456, rel 0.987654";
  }
  return text;
}

/// 200 models of 32 cells with two outputs each; a quarter of the cells fails, each in words and
/// numbers of its own.
inline Report large_report() {
  Report report = sample_report();
  report.cells.clear();
  int number = 0;
  for (int model = 0; model < 200; ++model) {
    for (const std::string trace : {"cpu", "sim:0", "sim:1", "cuda:0"}) {
      for (const std::string run : {"cpu", "sim:0", "sim:1", "cuda:0"}) {
        for (const auto transfer : {Transfer::kTo, Transfer::kLoad}) {
          const bool fails = ++number % 4 == 0;
          auto& result = report.cells.emplace_back(cell(
              "Model" + std::to_string(model), trace, transfer, run,
              fails ? Verdict::kMismatch : Verdict::kMatch, fails ? large_message(number) : ""));
          result.duration_ms = 0.37 * number;
          result.repeat =
              "CROSSTRACE_SEED=0 './portability tests' --gtest_filter=Zoo/Portability.Cell/" +
              result.id.name();
          result.placement.run_device = run;
          LeafComparison leaf;
          leaf.path = "output[0]";
          leaf.dtype = "Float";
          leaf.shape = {1000, 1000};
          leaf.total = 1000000;
          leaf.max_abs = 1e-7 * number;
          leaf.max_rel = 1e-6 * number;
          if (fails) {
            leaf.mismatched = number;
            leaf.worst_index = {number, 17};
            leaf.evidence = Evidence{"float64 on cpu",
                                     1e-9 * number,
                                     1e-7 * number,
                                     100,
                                     16,
                                     Evidence::DecidedBy::kTolerance,
                                     ""};
            result.causes = {"device-literal-1"};
          }
          result.outputs = {leaf, leaf};
          result.outputs[1].path = "output[1]";
        }
      }
    }
  }
  return report;
}

}  // namespace crosstrace::test
