// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/write_file.h>
#include <crosstrace/cli/archive.h>
#include <crosstrace/cli/code_loading.h>
#include <crosstrace/cli/inspect_command.h>
#include <crosstrace/cli/rule_descriptions.h>
#include <crosstrace/cli/stdout_to_stderr.h>
#include <crosstrace/cli/usage_error.h>
#include <crosstrace/diagnose/diagnose_archive.h>
#include <crosstrace/report/inspection_json.h>
#include <crosstrace/report/inspection_terminal.h>
#include <crosstrace/report/sarif.h>
#include <unistd.h>

#include <iostream>
#include <optional>

namespace crosstrace {
namespace {

Inspection inspect(const Archive& archive) {
  require_readable(archive);
  Diagnosis diagnosis = diagnose_archive(archive);
  return make_inspection(archive.path(), std::move(diagnosis.findings),
                         std::move(diagnosis.operators));
}

void write_reports(const InspectArguments& arguments, const Inspection& inspection) {
  if (arguments.json == "-") {
    if (!(std::cout << to_json(inspection) << std::flush)) {
      throw UsageError("cannot write to standard output");
    }
  } else {
    write_terminal(std::cout, inspection, colors_for(STDOUT_FILENO));
    if (!arguments.json.empty()) write_file(arguments.json, to_json(inspection));
  }
  if (!arguments.sarif.empty())
    write_file(arguments.sarif, to_sarif(inspection, rule_descriptions()));
}

}  // namespace

int run_inspect_command(const InspectArguments& arguments) {
  std::optional<StdoutToStderr> keep_output_pure;  // Operator libraries print.
  keep_output_pure.emplace();
  const Archive archive(arguments.archive);
  load_op_libraries(OpenedAccelerators({}, archive), arguments.op_libraries);
  const Inspection inspection = inspect(archive);
  keep_output_pure.reset();
  write_reports(arguments, inspection);
  return exit_code(inspection, arguments.fails_from);
}

}  // namespace crosstrace
