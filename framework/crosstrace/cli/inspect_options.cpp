// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/inspect_command.h>
#include <crosstrace/cli/options.h>
#include <crosstrace/cli/supervised.h>

#include <memory>
#include <optional>

namespace crosstrace {
namespace {

/// Nothing of `never`.
std::optional<Severity> severity_from(const std::string& word) {
  for (const Severity severity : {Severity::kNote, Severity::kWarning, Severity::kError}) {
    if (word == to_string(severity)) return severity;
  }
  return std::nullopt;
}

}  // namespace

void add_inspect_options(CLI::App& app, Command& chosen) {
  const auto arguments = std::make_shared<InspectArguments>();
  CLI::App& inspect = *app.add_subcommand(
      "inspect", "Say why an archive will not run everywhere, without running it");
  add_archive_option(inspect, arguments->archive);
  add_json_option(inspect, arguments->json);
  inspect.add_option("--sarif", arguments->sarif,
                     "Write a SARIF 2.1.0 report to FILE, for code scanning");
  inspect
      .add_option_function<std::string>(
          "--fail-on",
          [arguments](const std::string& word) { arguments->fails_from = severity_from(word); },
          "The least finding that makes the exit code 1 (default: warning)")
      ->check(CLI::IsMember({"note", "warning", "error", "never"}));
  add_op_library_option(inspect, arguments->op_libraries);
  inspect.callback([&chosen, arguments] {
    chosen = [arguments] {
      return run_supervised(arguments->archive, [&] { return run_inspect_command(*arguments); });
    };
  });
}

}  // namespace crosstrace
