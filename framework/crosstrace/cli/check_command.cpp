// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/write_file.h>
#include <crosstrace/cli/archive.h>
#include <crosstrace/cli/check_command.h>
#include <crosstrace/cli/inputs.h>
#include <crosstrace/cli/isolate.h>
#include <crosstrace/cli/progress.h>
#include <crosstrace/cli/stdout_to_stderr.h>
#include <crosstrace/cli/usage_error.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/matrix/plan.h>
#include <crosstrace/matrix/run.h>
#include <crosstrace/models/register.h>
#include <crosstrace/models/registry.h>
#include <crosstrace/models/spec.h>
#include <crosstrace/report/html.h>
#include <crosstrace/report/json.h>
#include <crosstrace/report/junit.h>
#include <crosstrace/report/make_report.h>
#include <crosstrace/report/terminal.h>
#include <unistd.h>

#include <iostream>
#include <optional>

namespace crosstrace {
namespace {

/// The archive as the only model of this process.
const Model& register_archive(const CheckArguments& arguments) {
  ModelBuilder builder(archive_model_name(arguments.archive), {arguments.archive, 0});
  builder.archive(arguments.archive)
      .inputs(
          [specs = parse_inputs(arguments.archive, arguments.inputs)] { return draw_all(specs); });
  Registry::instance().add(builder.build());
  return Registry::instance().models().back();
}

std::vector<Transfer> parse_transfers(const std::optional<std::string>& list) {
  std::vector<Transfer> transfers;
  for (const std::string& word : split_list(list.value_or(""))) {
    transfers.push_back(parse_transfer(word));
  }
  return transfers;
}

RunOptions run_options(const CheckArguments& arguments, const std::vector<std::string>& devices) {
  RunOptions options;
  options.seed = arguments.seed;
  options.runs = arguments.runs;
  if (arguments.rtol.has_value() != arguments.atol.has_value()) {
    throw UsageError(
        "--rtol and --atol are given together or not at all; one alone would mean 0 for the other");
  }
  if (arguments.rtol) options.tolerance = Tolerance(*arguments.rtol, *arguments.atol);
  options.required = arguments.required ? parse_required(*arguments.required, "--require", devices)
                                        : required_devices(devices);
  if (!arguments.reference.empty()) {
    if (arguments.reference.front() != '@') {
      throw UsageError("--reference " + arguments.reference +
                       ": expected @ and a file that holds the outputs");
    }
    options.expected = parse_spec(arguments.reference).value;
  }
  return options;
}

void write_reports(const CheckArguments& arguments, const Report& report) {
  if (arguments.json == "-") {
    if (!(std::cout << to_json(report) << std::flush)) {
      throw UsageError("cannot write to standard output");
    }
  } else {
    write_terminal(std::cout, report, colors_for(STDOUT_FILENO));
    if (!arguments.json.empty()) write_file(arguments.json, to_json(report));
  }
  if (!arguments.junit.empty()) write_file(arguments.junit, to_junit(report));
  if (!arguments.html.empty()) write_file(arguments.html, to_html(report));
}

Report check(const CheckArguments& arguments, const RunOptions& options,
             const std::vector<std::string>& devices, const std::vector<CellId>& cells) {
  Progress progress(cells.size());
  auto say = [&](const CellId& id) { progress.next(id.describe()); };
  if (arguments.isolate)
    return run_isolated(options, devices, cells, std::chrono::seconds(arguments.timeout_s), say);
  MatrixResult result = run_cells(options, cells, say);
  return make_report(probe_devices(devices), std::move(result));
}

}  // namespace

int run_check_command(const CheckArguments& arguments) {
  try {
    std::optional<StdoutToStderr> keep_json_pure;  // Models print, and so do operator libraries.
    if (arguments.json == "-") keep_json_pure.emplace();
    load_op_libraries(arguments.op_libraries);
    const std::vector<std::string> devices =
        arguments.devices ? parse_device_list(*arguments.devices, "--devices") : declared_devices();
    const std::vector<Transfer> transfers = parse_transfers(arguments.transfers);
    const RunOptions options = run_options(arguments, devices);
    const Model& model = register_archive(arguments);
    const Report report = check(arguments, options, devices, plan_cells(model, devices, transfers));
    keep_json_pure.reset();
    write_reports(arguments, report);
    return exit_code(report);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace crosstrace
