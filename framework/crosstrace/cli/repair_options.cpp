// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/options.h>
#include <crosstrace/cli/repair_command.h>
#include <crosstrace/cli/supervised.h>

#include <memory>

namespace crosstrace {

void add_repair_options(CLI::App& app, Command& chosen) {
  const auto arguments = std::make_shared<RepairArguments>();
  CLI::App& repair = *app.add_subcommand(
      "repair", "Make an archive run on every device, and prove that it answers as before");
  add_archive_option(repair, arguments->archive);
  repair.add_option("-o", arguments->target, "Where to write the repaired archive")->required();
  add_input_option(repair, arguments->inputs);
  add_devices_option(repair, arguments->devices);
  add_stand_in_option(repair, arguments->stand_in);
  add_tolerance_option(repair, arguments->tolerance);
  add_precision_option(repair, arguments->precision);
  add_json_option(repair, arguments->json);
  add_op_library_option(repair, arguments->op_libraries);
  add_trust_option(repair, arguments->trust);
  repair.callback([&chosen, arguments] {
    chosen = [arguments] {
      return run_supervised(arguments->archive, [&] { return run_repair_command(*arguments); });
    };
  });
}

}  // namespace crosstrace
