// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/write_file.h>
#include <crosstrace/cli/archive.h>
#include <crosstrace/cli/code_loading.h>
#include <crosstrace/cli/inputs.h>
#include <crosstrace/cli/options.h>
#include <crosstrace/cli/repair_command.h>
#include <crosstrace/cli/stdout_to_stderr.h>
#include <crosstrace/cli/usage_error.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/repair/repair_archive.h>
#include <crosstrace/report/repair_json.h>
#include <crosstrace/report/repair_terminal.h>
#include <unistd.h>

#include <iostream>
#include <optional>
#include <stdexcept>

namespace crosstrace {
namespace {

std::vector<std::string> devices_of(const RepairArguments& arguments) {
  return arguments.devices ? parse_device_list(*arguments.devices, "--devices")
                           : declared_devices();
}

void want_inputs(const RepairArguments& arguments) {
  if (arguments.inputs.empty()) {
    throw UsageError(
        "repair has nothing to prove with; give --input once for each argument of forward");
  }
}

ProofCalls proof_calls(const RepairArguments& arguments, const Archive& archive) {
  ProofCalls calls;
  calls.devices = devices_of(arguments);
  calls.required = required_devices(calls.devices);
  calls.stand_in = arguments.stand_in;
  calls.tolerance_mode = tolerance_mode(arguments.tolerance);
  calls.precision = parse_precision(arguments.precision, "--precision");
  calls.set_inputs(parse_inputs(archive, arguments.inputs));
  return calls;
}

RepairResult repair(const RepairArguments& arguments, const Archive& archive) {
  want_inputs(arguments);
  require_readable(archive);
  require_trust(archive, arguments.trust);
  const ProofCalls calls = proof_calls(arguments, archive);
  try {
    return repair_archive(archive, arguments.target, calls);
  } catch (const c10::Error& error) {
    throw UsageError(why_not_loaded(archive.path(), error_text(error.what_without_backtrace())));
  }
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
    const Archive archive(arguments.archive);
    load_op_libraries(OpenedAccelerators(devices_of(arguments), archive), arguments.op_libraries);
    const RepairReport report = make_repair_report(repair(arguments, archive));
    keep_output_pure.reset();
    write_reports(arguments, report);
    return exit_code(report);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace crosstrace
