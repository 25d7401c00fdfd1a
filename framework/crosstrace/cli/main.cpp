// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// The command line of `crosstrace`.

#include <c10/util/Exception.h>
#include <crosstrace/base/one_line.h>
#include <crosstrace/cli/options.h>
#include <crosstrace/cli/usage_error.h>

#include <iostream>

namespace {

/// What LibTorch warns of, such as deprecated operators of a model, is not what was asked, and an
/// error is one line.
class NoWarnings : public c10::WarningHandler {
 public:
  void process(const c10::Warning& /*warning*/) override {}
};

int run(int argc, char** argv) {
  CLI::App app(
      "Does a TorchScript export give the same answer wherever it was traced and wherever it "
      "runs?");
  app.set_version_flag("--version", CROSSTRACE_VERSION);
  app.require_subcommand(1);
  crosstrace::Command chosen;
  crosstrace::add_devices_options(app, chosen);
  crosstrace::add_inspect_options(app, chosen);
  crosstrace::add_check_options(app, chosen);
  crosstrace::add_repair_options(app, chosen);
  crosstrace::add_report_options(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);
    throw crosstrace::UsageError(std::string(error.what()) + "; see crosstrace --help");
  }
  return chosen();
}

}  // namespace

int main(int argc, char** argv) {
  NoWarnings none;
  const c10::WarningUtils::WarningHandlerGuard quiet(&none);
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "crosstrace: " << crosstrace::one_line(error) << '\n';
    return crosstrace::kExitUsage;
  }
}
