// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/devices_command.h>
#include <crosstrace/cli/options.h>

#include <memory>

namespace crosstrace {

void add_devices_options(CLI::App& app, Command& chosen) {
  const auto json = std::make_shared<bool>(false);
  CLI::App& devices =
      *app.add_subcommand("devices", "Show the devices of this machine and why one is absent");
  devices.add_flag("--json", *json, "As JSON");
  devices.callback([&chosen, json] { chosen = [json] { return run_devices_command(*json); }; });
}

}  // namespace crosstrace
