// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/options.h>

namespace crosstrace {

void add_archive_option(CLI::App& command, std::string& archive) {
  command.add_option("MODEL", archive, "A TorchScript archive")->required();
}

void add_input_option(CLI::App& command, std::vector<std::string>& inputs) {
  command
      .add_option("--input", inputs,
                  "SPEC of one argument of forward, such as float32[1,3,224,224]")
      ->allow_extra_args(false);
}

void add_devices_option(CLI::App& command, std::optional<std::string>& devices) {
  command.add_option("--devices", devices,
                     "Such as cpu,cuda,sim (default: CROSSTRACE_DEVICES, else all)");
}

void add_json_option(CLI::App& command, std::string& json) {
  command.add_option("--json", json,
                     "Write a JSON report to FILE, or to standard output if it is -");
}

void add_op_library_option(CLI::App& command, std::vector<std::string>& libraries) {
  command.add_option("--op-library", libraries, "A library that registers custom operators")
      ->allow_extra_args(false);
}

}  // namespace crosstrace
