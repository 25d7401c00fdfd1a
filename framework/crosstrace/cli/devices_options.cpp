// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/devices_command.h>
#include <crosstrace/cli/options.h>

#include <memory>

namespace crosstrace {

void add_devices_options(CLI::App& app, Command& chosen) {
  const auto json = std::make_shared<bool>(false);
  const auto ctest_spec = std::make_shared<std::string>();
  CLI::App& devices =
      *app.add_subcommand("devices", "Show the devices of this machine and why one is absent");
  devices.add_flag("--json", *json, "As JSON");
  devices
      .add_option("--ctest-spec", *ctest_spec,
                  "Write the GPUs for ctest --resource-spec-file; exit 77 if there is none")
      ->type_name("FILE");
  devices.callback([&chosen, json, ctest_spec] {
    chosen = [json, ctest_spec] { return run_devices_command(*json, *ctest_spec); };
  });
}

}  // namespace crosstrace
