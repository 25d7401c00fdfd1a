// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/write_file.h>
#include <crosstrace/cli/archive.h>
#include <crosstrace/cli/check_command.h>
#include <crosstrace/cli/code_loading.h>
#include <crosstrace/cli/inputs.h>
#include <crosstrace/cli/isolate.h>
#include <crosstrace/cli/options.h>
#include <crosstrace/cli/progress.h>
#include <crosstrace/cli/repeat.h>
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
#include <crosstrace/report/terminal_width.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>

namespace crosstrace {
namespace {

/// The archive as the only model of this process.
const Model& register_archive(const Archive& archive, const std::vector<std::string>& inputs) {
  ModelBuilder builder(archive_model_name(archive.path()), {archive.path(), 0});
  builder.archive(archive).inputs(parse_inputs(archive, inputs));
  Registry::instance().add(builder.build());
  return Registry::instance().models().back();
}

std::vector<Transfer> parse_transfers(const std::vector<std::string>& words) {
  std::vector<Transfer> transfers;
  for (const std::string& word : words) transfers.push_back(parse_transfer(word));
  return transfers;
}

BlameMode blame_mode(const std::string& word) {
  if (word == "full") return BlameMode::kFull;
  return word == "none" ? BlameMode::kNone : BlameMode::kAuto;
}

RunOptions run_options(const CheckArguments& arguments, const std::vector<std::string>& devices) {
  RunOptions options;
  options.seed = arguments.seed;
  options.runs = arguments.runs;
  options.stand_in = arguments.stand_in;
  options.blame = blame_mode(arguments.blame);
  options.precision = parse_precision(arguments.precision, "--precision");
  if (arguments.rtol.has_value() != arguments.atol.has_value()) {
    throw UsageError(
        "--rtol and --atol are given together or not at all; one alone would mean 0 for the other");
  }
  if (arguments.rtol && arguments.tolerance == "evidence") {
    throw UsageError(
        "--rtol and --atol are fixed; leave out --tolerance evidence, or leave them out");
  }
  options.tolerance_mode = tolerance_mode(arguments.tolerance);
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
    write_terminal(std::cout, report, colors_for(STDOUT_FILENO), terminal_width(STDOUT_FILENO));
    if (!arguments.json.empty()) write_file(arguments.json, to_json(report));
  }
  if (!arguments.junit.empty()) write_file(arguments.junit, to_junit(report));
  if (!arguments.html.empty()) write_file(arguments.html, to_html(report));
}

std::vector<std::string> all_devices(std::vector<std::string> devices, const Archive& archive) {
  const auto& named = archive.cuda_devices();
  devices.insert(devices.end(), named.begin(), named.end());
  return devices;
}

/// Where the cells run: in processes that this one forks, or in this one, where an operator library
/// has started threads, with which nothing can be forked, and nothing has to be isolated.
class CellRunner {
 public:
  CellRunner(const CheckArguments& arguments, const RunOptions& options, const Model& model)
      : options_(options), model_(model) {
    if (arguments.isolation == Isolation::kNone && running_threads() > 1) return;
    processes_.emplace(options, model, arguments.isolation,
                       std::chrono::seconds(arguments.timeout_s));
  }

  /// What is looked at before the cells run is looked at together, so that CUDA is loaded in time.
  Whereabouts whereabouts(const std::vector<std::string>& devices) {
    const Archive& archive = *model_.archive;
    const bool is_plain = archive.homes().size() < 2 && archive.cuda_devices().empty();
    if (is_plain) return {archive.home(), {}};
    const std::vector<std::string> all = all_devices(devices, archive);
    if (processes_) return processes_->whereabouts(all);
    probe_devices(all);
    return Session(options_).whereabouts(model_);
  }

  Report run(const std::vector<std::string>& devices, const std::vector<CellId>& cells) {
    Progress progress(cells.size());
    RunEvents events;
    events.before_cell = [&](const CellId& id) { progress.next(id.describe()); };
    events.on_step = [&](const std::string& step) { progress.within(step); };
    if (processes_) return processes_->run(devices, cells, events);
    MatrixResult result = run_cells(options_, cells, events);
    return make_report(probe_devices(devices), std::move(result));
  }

 private:
  const RunOptions& options_;
  const Model& model_;
  std::optional<CellProcesses> processes_;
};

Report check(const CheckArguments& arguments, const Archive& archive, const RunOptions& options,
             std::vector<std::string> devices) {
  const std::vector<Transfer> transfers = parse_transfers(arguments.transfers);
  require_readable(archive);
  require_trust(archive, arguments.trust);
  const Model& model = register_archive(archive, arguments.inputs);
  if (options.expected && methods_of(model).size() > 1) {
    throw UsageError("--reference holds the outputs of one method; give --input for one alone");
  }
  CellRunner runner(arguments, options, model);
  const Whereabouts found = runner.whereabouts(devices);
  const std::vector<CellId> cells = plan_cells(model, devices, transfers, found);
  for (const auto& [device, twin] : found.stand_ins) {
    const bool is_listed = std::find(devices.begin(), devices.end(), device) != devices.end();
    if (!is_listed) devices.push_back(device);  // The report says what stands in for it.
  }
  Report report = runner.run(devices, cells);
  add_stand_ins(report, found.stand_ins, model.archive->asks_for_cuda());
  for (CellResult& cell : report.cells) cell.repeat = command_for(arguments, cell.id);
  return report;
}

}  // namespace

int run_check_command(const CheckArguments& arguments) {
  try {
    std::optional<StdoutToStderr> keep_json_pure;  // Models print, and so do operator libraries.
    if (arguments.json == "-") keep_json_pure.emplace();
    const std::vector<std::string> devices =
        arguments.devices ? parse_device_list(*arguments.devices, "--devices") : declared_devices();
    const Archive archive(arguments.archive);
    load_op_libraries(OpenedAccelerators(devices, archive), arguments.op_libraries);
    const Report report = check(arguments, archive, run_options(arguments, devices), devices);
    keep_json_pure.reset();
    write_reports(arguments, report);
    return exit_code(report);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace crosstrace
