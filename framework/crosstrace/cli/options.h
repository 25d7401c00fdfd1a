// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Options of the command line. Each command adds its own, and what several share is described
/// once.
///
///     crosstrace::Command chosen;
///     crosstrace::add_check_options(app, chosen);
///     app.parse(argc, argv);
///     return chosen();
#pragma once

#include <crosstrace/compare/evidence.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// Runs the command that the command line names; returns the exit code.
using Command = std::function<int()>;

/// Each adds a command; parsing sets `chosen` if it is the one that was typed.
void add_devices_options(CLI::App& app, Command& chosen);
void add_inspect_options(CLI::App& app, Command& chosen);
void add_check_options(CLI::App& app, Command& chosen);
void add_repair_options(CLI::App& app, Command& chosen);
void add_report_options(CLI::App& app, Command& chosen);

/// MODEL, which must be given.
void add_archive_option(CLI::App& command, std::string& archive);

/// --input, once for each argument of forward or another method.
void add_input_option(CLI::App& command, std::vector<std::string>& inputs);

/// --devices
void add_devices_option(CLI::App& command, std::optional<std::string>& devices);

/// --stand-in auto|never
void add_stand_in_option(CLI::App& command, bool& stand_in);

/// --tolerance; the words are checked here.
void add_tolerance_option(CLI::App& command, std::optional<std::string>& tolerance);

/// What --tolerance says; the evidence if it was not given.
ToleranceMode tolerance_mode(const std::optional<std::string>& tolerance);

/// --precision
void add_precision_option(CLI::App& command, std::string& precision);

/// --json
void add_json_option(CLI::App& command, std::string& json);

/// --trust
void add_trust_option(CLI::App& command, bool& trust);

/// --op-library, as often as there are libraries.
void add_op_library_option(CLI::App& command, std::vector<std::string>& libraries);

}  // namespace crosstrace
