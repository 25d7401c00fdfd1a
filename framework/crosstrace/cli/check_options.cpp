// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/check_command.h>
#include <crosstrace/cli/options.h>
#include <crosstrace/cli/supervised.h>

#include <memory>

namespace crosstrace {
namespace {

/// `--isolate` without a value reaches CLI11's validators as "true".
std::string to_number_of_isolation(std::string& word) {
  if (word != "true" && word != "cell") return "'" + word + "' is neither left out nor cell";
  const Isolation isolation = word == "cell" ? Isolation::kCell : Isolation::kWorker;
  word = std::to_string(static_cast<int>(isolation));
  return "";
}

}  // namespace

void add_check_options(CLI::App& app, Command& chosen) {
  const auto owned = std::make_shared<CheckArguments>();
  CheckArguments& arguments = *owned;
  CLI::App& check =
      *app.add_subcommand("check", "Run an archive on every device and compare its answers");
  add_archive_option(check, arguments.archive);
  add_input_option(check, arguments.inputs);
  add_devices_option(check, arguments.devices);
  check
      .add_option("--transfer", arguments.transfers,
                  "Some of as_traced,to,load (default: all that make sense)")
      ->delimiter(',')
      ->allow_extra_args(false);
  check.add_option("--runs", arguments.runs, "Calls of each cell")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  check.add_option("--rtol", arguments.rtol, "Relative tolerance; together with --atol");
  check.add_option("--atol", arguments.atol, "Absolute tolerance; together with --rtol");
  add_stand_in_option(check, arguments.stand_in);
  add_tolerance_option(check, arguments.tolerance);
  add_precision_option(check, arguments.precision);
  check
      .add_option("--blame", arguments.blame,
                  "How long the first operator that differs is looked for: auto (until a failing "
                  "cell took ten times what a passing one takes), full (to the end) or none")
      ->check(CLI::IsMember({"auto", "full", "none"}))
      ->capture_default_str();
  check.add_option("--require", arguments.required,
                   "Devices that must not be absent, such as cuda");
  check.add_option("--reference", arguments.reference,
                   "@FILE with the expected outputs (default: a run where the archive was made)");
  check.add_option("--seed", arguments.seed, "Of the inputs and of random operators")
      ->capture_default_str();
  add_json_option(check, arguments.json);
  check.add_option("--junit", arguments.junit, "Write a JUnit XML report to FILE");
  check.add_option("--html", arguments.html, "Write an HTML report to FILE");
  add_op_library_option(check, arguments.op_libraries);
  add_trust_option(check, arguments.trust);
  CLI::Option* const isolate =
      check
          .add_flag(
              "--isolate", arguments.isolation,
              "Kill a cell that takes too long, and run those after one that crashed, hung or "
              "lost a device in a process of their own; --isolate=cell: each cell in one")
          ->transform(CLI::Validator(to_number_of_isolation, ""));
  check.add_option("--timeout", arguments.timeout_s, "Seconds for each cell, with --isolate")
      ->check(CLI::PositiveNumber)
      ->needs(isolate)
      ->capture_default_str();
  check.callback([&chosen, owned] {
    chosen = [owned] {
      return run_supervised(owned->archive, [&] { return run_check_command(*owned); });
    };
  });
}

}  // namespace crosstrace
