// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/write_file.h>
#include <crosstrace/cli/archive.h>
#include <crosstrace/cli/inputs.h>
#include <crosstrace/cli/repair_command.h>
#include <crosstrace/cli/stdout_to_stderr.h>
#include <crosstrace/cli/usage_error.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/repair/repair_archive.h>
#include <crosstrace/report/repair_json.h>
#include <crosstrace/report/repair_terminal.h>
#include <unistd.h>

#include <iostream>
#include <optional>
#include <stdexcept>

namespace crosstrace {
namespace {

ProofCalls proof_calls(const RepairArguments& arguments) {
  if (arguments.inputs.empty()) {
    throw UsageError(
        "repair has nothing to prove with; give --input once for each argument of forward");
  }
  ProofCalls calls;
  calls.devices =
      arguments.devices ? parse_device_list(*arguments.devices, "--devices") : declared_devices();
  calls.required = required_devices(calls.devices);
  calls.inputs.push_back(
      [specs = parse_inputs(arguments.archive, arguments.inputs)] { return draw_all(specs); });
  return calls;
}

RepairResult repair(const RepairArguments& arguments) {
  const ProofCalls calls = proof_calls(arguments);
  return repair_archive(arguments.archive, arguments.target, calls);
}

void write_reports(const RepairArguments& arguments, const RepairReport& report) {
  if (arguments.json == "-") {
    if (!(std::cout << to_json(report) << std::flush)) {
      throw UsageError("cannot write to standard output");
    }
    return;
  }
  write_terminal(std::cout, report, colors_for(STDOUT_FILENO));
  if (!arguments.json.empty()) write_file(arguments.json, to_json(report));
}

}  // namespace

int run_repair_command(const RepairArguments& arguments) {
  try {
    std::optional<StdoutToStderr> keep_output_pure;  // Models print, and so do operator libraries.
    keep_output_pure.emplace();
    load_op_libraries(arguments.op_libraries);
    const RepairReport report = make_repair_report(repair(arguments));
    keep_output_pure.reset();
    write_reports(arguments, report);
    return exit_code(report);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace crosstrace
