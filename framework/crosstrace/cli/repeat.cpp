// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/repeat.h>
#include <crosstrace/devices/declared.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>

namespace crosstrace {
namespace {

/// One word of a POSIX shell.
std::string quoted(const std::string& word) {
  const bool is_plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("-_./:,=+@").find(c) != std::string_view::npos;
  });
  if (is_plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// The shortest text that reads back as the same number.
std::string exactly(double value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

class CommandLine {
 public:
  void add(const std::string& word) { text += (text.empty() ? "" : " ") + quoted(word); }

  void add(const std::string& option, const std::string& value) {
    add(option);
    add(value);
  }

  void add_each(const std::string& option, const std::vector<std::string>& values) {
    for (const std::string& value : values) add(option, value);
  }

  std::string text;
};

void add_judging(CommandLine& line, const CheckArguments& arguments) {
  if (arguments.rtol) line.add("--rtol", exactly(*arguments.rtol));
  if (arguments.atol) line.add("--atol", exactly(*arguments.atol));
  if (arguments.tolerance) line.add("--tolerance", *arguments.tolerance);
  if (!arguments.reference.empty()) line.add("--reference", arguments.reference);
}

}  // namespace

std::string command_for(const CheckArguments& arguments, const CellId& id) {
  const CheckArguments defaults;
  CommandLine line;
  line.add("crosstrace");
  line.add("check", arguments.archive);
  line.add_each("--input", arguments.inputs);
  add_judging(line, arguments);
  if (!arguments.stand_in) line.add("--stand-in", "never");
  if (arguments.precision != defaults.precision) line.add("--precision", arguments.precision);
  if (arguments.blame != defaults.blame) line.add("--blame", arguments.blame);
  if (arguments.runs != defaults.runs) line.add("--runs", std::to_string(arguments.runs));
  if (arguments.seed != defaults.seed) line.add("--seed", std::to_string(arguments.seed));
  line.add_each("--op-library", arguments.op_libraries);
  if (arguments.trust) line.add("--trust");
  if (arguments.isolation == Isolation::kWorker) line.add("--isolate");
  if (arguments.isolation == Isolation::kCell) line.add("--isolate=cell");
  if (arguments.timeout_s != defaults.timeout_s) {
    line.add("--timeout", std::to_string(arguments.timeout_s));
  }
  const bool is_needed =
      arguments.required && is_required(id.run_device, split_list(*arguments.required));
  if (is_needed) line.add("--require", id.run_device);
  line.add("--transfer", std::string(to_string(id.transfer)));
  line.add("--devices", id.run_device);
  return line.text;
}

}  // namespace crosstrace
