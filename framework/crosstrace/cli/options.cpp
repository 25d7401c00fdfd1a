// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/options.h>

namespace crosstrace {

void add_archive_option(CLI::App& command, std::string& archive) {
  command.add_option("MODEL", archive, "A TorchScript archive")->required();
}

void add_input_option(CLI::App& command, std::vector<std::string>& inputs) {
  command
      .add_option(
          "--input", inputs,
          "SPEC of one argument of forward, such as float32[1,3,224,224], or METHOD:SPEC of "
          "another method's")
      ->allow_extra_args(false);
}

void add_devices_option(CLI::App& command, std::optional<std::string>& devices) {
  command.add_option("--devices", devices,
                     "Such as cpu,cuda,sim (default: CROSSTRACE_DEVICES, else all)");
}

void add_stand_in_option(CLI::App& command, bool& stand_in) {
  command
      .add_option_function<std::string>(
          "--stand-in", [&stand_in](const std::string& word) { stand_in = word == "auto"; },
          "auto: sim:N stands in for a cuda:N that the archive names and this machine lacks "
          "(default: auto)")
      ->check(CLI::IsMember({"auto", "never"}));
}

void add_tolerance_option(CLI::App& command, std::optional<std::string>& tolerance) {
  command
      .add_option("--tolerance", tolerance,
                  "What decides about numbers outside the rtol and atol of torch.testing: evidence "
                  "(a float64 run on the CPU; default) or fixed (they differ)")
      ->check(CLI::IsMember({"evidence", "fixed"}));
}

ToleranceMode tolerance_mode(const std::optional<std::string>& tolerance) {
  return tolerance == "fixed" ? ToleranceMode::kFixed : ToleranceMode::kEvidence;
}

void add_precision_option(CLI::App& command, std::string& precision) {
  command
      .add_option("--precision", precision,
                  "strict (float32 is float32), as_exported (TF32 where the archive and LibTorch's "
                  "defaults say so) or tf32 (everywhere)")
      ->capture_default_str();
}

void add_json_option(CLI::App& command, std::string& json) {
  command.add_option("--json", json,
                     "Write a JSON report to FILE, or to standard output if it is -");
}

void add_trust_option(CLI::App& command, bool& trust) {
  command.add_flag("--trust", trust,
                   "Run an archive that reads or writes files, or otherwise reaches beyond its "
                   "tensors");
}

void add_op_library_option(CLI::App& command, std::vector<std::string>& libraries) {
  command.add_option("--op-library", libraries, "A library that registers custom operators")
      ->allow_extra_args(false);
}

}  // namespace crosstrace
