// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A report with every outcome in it, and files that say how it is written.
#pragma once

#include <crosstrace/report/report.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

namespace crosstrace::test {

inline CellResult cell(const std::string& model, const std::string& trace_device, Transfer transfer,
                       const std::string& run_device, Verdict verdict,
                       const std::string& message = "") {
  CellResult result;
  result.id = {model, ExportKind::kTrace, trace_device, transfer, run_device};
  result.verdict = verdict;
  result.message = message;
  result.duration_ms = 1.5;
  return result;
}

/// One of every severity and kind of place, and one that no cell names.
inline std::vector<Finding> sample_findings() {
  Finding note;
  note.id = "random-1";
  note.rule = "random";
  note.operator_name = "aten::dropout";
  note.method = "forward";
  note.message = "aten::dropout draws anew at each call, so answers differ.";
  Finding constant;
  constant.id = "tensor-constant-1";
  constant.rule = "tensor-constant";
  constant.severity = Severity::kWarning;
  constant.method = "encoder.encode";
  constant.module_path = "encoder";
  constant.message = "A tensor of <6> elements stays on cpu & is added to one that moves.";
  constant.repair = Repairability::kAutomatic;
  Finding literal;
  literal.id = "device-literal-1";
  literal.rule = "device-literal";
  literal.severity = Severity::kError;
  literal.method = "forward";
  literal.operator_name = "aten::arange";
  literal.message = "aten::arange makes its tensor on cpu, wherever the input is.";
  literal.advice = "Make it on the device of the input.";
  literal.source = SourceLocation{"src/my model.py", 14};
  literal.repair = Repairability::kAutomatic;
  Finding attribute;
  attribute.id = "stranded-attribute-1";
  attribute.rule = "stranded-attribute";
  attribute.severity = Severity::kError;
  attribute.function = "Baked<T>::forward\xff(at::Tensor)";
  attribute.message = "The list 'cache' holds a tensor that does not move.";
  attribute.advice = "Register it as a buffer.";
  attribute.repair = Repairability::kManual;
  attribute.details = "- %3 : Tensor = aten::add(%1, %2)\n+ %3 : Tensor = aten::sub(%1, %2)";
  return {note, constant, literal, attribute};
}

/// SimpleModel matches wherever it can run; Baked<T> fails in all ways there are.
inline Report sample_report() {
  Report report{.tool_version = "0.1.0", .libtorch_version = "2.15.0"};
  report.devices = {
      {"cpu", DeviceState::kAvailable, "", false},
      {"sim:0", DeviceState::kAvailable, "", true},
      {"sim:1", DeviceState::kAvailable, "", true},
      {"cuda:0", DeviceState::kAbsent, "no NVIDIA driver (looked for libcuda.so.1)", false}};
  const std::string absent = "cuda:0 is absent: no NVIDIA driver (looked for libcuda.so.1)";
  for (const std::string trace : {"cpu", "sim:0", "cuda:0"}) {
    for (const std::string run : {"cpu", "sim:0", "cuda:0"}) {
      const bool is_absent = trace == "cuda:0" || run == "cuda:0";
      for (const auto transfer : {Transfer::kAsTraced, Transfer::kTo, Transfer::kLoad}) {
        if (transfer == Transfer::kAsTraced && trace != run) continue;
        report.cells.push_back(cell("SimpleModel", trace, transfer, run,
                                    is_absent ? Verdict::kSkipped : Verdict::kMatch,
                                    is_absent ? absent : ""));
        if (run == "sim:0" && !is_absent)
          report.cells.back().as_exported = PrecisionEffect{0.00123456, 0.5};
      }
    }
  }
  const auto add = [&](Transfer transfer, const std::string& run, Verdict verdict,
                       const std::string& message) -> CellResult& {
    return report.cells.emplace_back(cell("Baked<T>", "cpu", transfer, run, verdict, message));
  };
  LeafComparison leaf;
  leaf.path = "output";
  leaf.dtype = "Float";
  leaf.shape = {2, 3};
  leaf.total = 6;
  add(Transfer::kTo, "cpu", Verdict::kMatch, "").outputs = {leaf};
  add(Transfer::kLoad, "cpu", Verdict::kMatch, "").expected_failure = "captured tensor";
  leaf.mismatched = 1;
  leaf.max_abs = 0.5;
  leaf.max_rel = std::numeric_limits<double>::infinity();
  leaf.worst_index = {1, 2};
  auto& differs = add(Transfer::kTo, "sim:0", Verdict::kMismatch,
                      "call 1 of 3: output: 1 of 6 elements (16.7%) differs & is < 0\n"
                      "  by |expected|: 1 of 4 from 0.1 to 1, 0 of 2 from 1 to 10\n"
                      "  [1, 2]: 1, 1.5, 0.5, 0.5");
  leaf.evidence.emplace().referee = "none: the export draws random numbers";
  differs.outputs = {leaf};
  differs.causes = {"device-literal-1"};
  differs.repeat = "crosstrace check 'my model.pt' --transfer to --devices sim:0";
  add(Transfer::kLoad, "sim:0", Verdict::kError, "threw \x1b[31mbytes\xff\nand more").causes = {
      "device-literal-1", "tensor-constant-1", "of another report"};
  auto& noisy = add(Transfer::kAsTraced, "cpu", Verdict::kMatch,
                    "output: 1 of 6 elements (16.7%) differs, within 2.8 times the CPU's own "
                    "error, limit 16");
  leaf.max_rel = 0.5;
  leaf.evidence =
      Evidence{"float64 on cpu", 0.25, 0.7, 2.8, 16, Evidence::DecidedBy::kEvidence, ""};
  noisy.outputs = {leaf};
  auto& declared = add(Transfer::kTo, "sim:1", Verdict::kError, "Expected all tensors to be ...");
  declared.expected_failure = "captured tensor";
  declared.failed_as_expected = true;
  add(Transfer::kLoad, "sim:1", Verdict::kUntrusted, "every output is empty");
  report.findings = sample_findings();
  return report;
}

/// Empty if `text` is what golden/`name` holds, else the first line in which they differ. With the
/// environment variable CROSSTRACE_UPDATE_GOLDEN set, writes the file instead.
inline std::string golden_difference(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::path(__FILE__).parent_path() / "golden" / name;
  if (std::getenv("CROSSTRACE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return "";
  }
  std::ifstream expected(path, std::ios::binary);
  std::istringstream actual(text);
  for (int line = 1; expected || actual; ++line) {
    std::string wanted, found;
    std::getline(expected, wanted);
    std::getline(actual, found);
    if (wanted == found && expected.eof() == actual.eof()) continue;
    return path.string() + ":" + std::to_string(line) + ": expected\n" + wanted + "\ngot\n" + found;
  }
  return "";
}

}  // namespace crosstrace::test
