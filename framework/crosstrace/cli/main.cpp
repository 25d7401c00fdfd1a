// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// The command line of `crosstrace`.

#include <crosstrace/cli/check_command.h>
#include <crosstrace/cli/devices_command.h>
#include <crosstrace/cli/usage_error.h>
#include <crosstrace/devices/one_line.h>

#include <CLI/CLI.hpp>
#include <iostream>

namespace {

void add_check(CLI::App& app, crosstrace::CheckArguments& arguments) {
  CLI::App& check =
      *app.add_subcommand("check", "Run an archive on every device and compare its answers");
  check.add_option("MODEL", arguments.archive, "A TorchScript archive")->required();
  check
      .add_option("--input", arguments.inputs,
                  "SPEC of one argument of forward, such as float32[1,3,224,224]")
      ->allow_extra_args(false);
  check.add_option("--devices", arguments.devices,
                   "Such as cpu,cuda,sim (default: CROSSTRACE_DEVICES, else all)");
  check.add_option("--transfer", arguments.transfers,
                   "Some of as_traced,to,load (default: all that make sense)");
  check.add_option("--runs", arguments.runs, "Calls of each cell")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  check.add_option("--rtol", arguments.rtol, "Relative tolerance; together with --atol");
  check.add_option("--atol", arguments.atol, "Absolute tolerance; together with --rtol");
  check.add_option("--require", arguments.required,
                   "Devices that must not be absent, such as cuda");
  check.add_option("--reference", arguments.reference,
                   "@FILE with the expected outputs (default: a run on the CPU)");
  check.add_option("--seed", arguments.seed, "Of the inputs and of random operators")
      ->capture_default_str();
  check.add_option("--json", arguments.json,
                   "Write a JSON report to FILE, or to standard output if it is -");
  check.add_option("--junit", arguments.junit, "Write a JUnit XML report to FILE");
  check.add_option("--html", arguments.html, "Write an HTML report to FILE");
  check
      .add_option("--op-library", arguments.op_libraries,
                  "A library that registers custom operators")
      ->allow_extra_args(false);
  check.add_flag("--isolate", arguments.isolate, "Run each cell in a process of its own");
  check.add_option("--timeout", arguments.timeout_s, "Seconds for each cell, with --isolate")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

int run(int argc, char** argv) {
  CLI::App app(
      "Does a TorchScript export give the same answer wherever it was traced and wherever it "
      "runs?");
  app.set_version_flag("--version", CROSSTRACE_VERSION);
  app.require_subcommand(1);
  bool json = false;
  CLI::App& devices =
      *app.add_subcommand("devices", "Show the devices of this machine and why one is absent");
  devices.add_flag("--json", json, "As JSON");
  crosstrace::CheckArguments check;
  add_check(app, check);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);
    throw crosstrace::UsageError(std::string(error.what()) + "; see crosstrace --help");
  }
  return devices.parsed() ? crosstrace::run_devices_command(json)
                          : crosstrace::run_check_command(check);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "crosstrace: " << crosstrace::one_line(error) << '\n';
    return crosstrace::kExitUsage;
  }
}
