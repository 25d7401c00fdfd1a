// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <cuda_rules/calls.h>
#include <cuda_rules/expressions.h>
#include <unit/devices/simulated_strictness_cases.h>

#include <map>
#include <regex>
#include <set>

namespace crosstrace::cuda_rules {
namespace {

constexpr const char* kExpressions[] = {
#include <unit/devices/simulated_sweep_cases.inc>
//
#include <cuda_rules/mixtures.inc>
};

constexpr const char* kCasts[] = {"float16", "bfloat16", "float64"};

/// `~` before a call allows for rounding in the sweep; before an argument it is an operator.
std::string without_mark(const std::string& expression) {
  return expression.rfind("~torch", 0) == 0 ? expression.substr(1) : expression;
}

/// One argument elsewhere, in every way.
void add_mixtures(std::vector<Call>& calls, const std::string& expression) {
  std::map<size_t, size_t> counts;
  for (const Place& place : find_places(expression)) ++counts[place.argument];
  const auto add = [&](size_t argument, size_t place) {
    std::vector<Mode> modes{Mode::kOneCpu, Mode::kOneDev};
    if (argument_value(argument).dim() > 0) {
      modes.insert(modes.end(), {Mode::kZeroCpu, Mode::kZeroDev});
    }
    for (const Mode mode : modes) calls.push_back({expression, mode, argument, place, ""});
  };
  for (const auto& [argument, places] : counts) {
    if (counts.size() > 1) add(argument, 0);  // Alone it would not be a mixture.
    for (size_t place = 1; places > 1 && place <= places; ++place) add(argument, place);
  }
}

}  // namespace

const char* name_of(Mode mode) {
  constexpr const char* kNames[] = {"base",     "one_cpu", "one_dev", "zero_cpu",
                                    "zero_dev", "cast",    "dtype",   "strict"};
  return kNames[static_cast<size_t>(mode)];
}

bool Call::mixes_devices() const {
  return mode != Mode::kBase && mode != Mode::kCast && mode != Mode::kDtype;
}

std::string Call::argument_name() const {
  if (mode == Mode::kBase || mode == Mode::kStrict) return "";
  if (!mixes_devices()) return dtype;
  return argument_names()[argument] + (place == 0 ? "" : "#" + std::to_string(place));
}

std::string Call::body() const {
  if (mode == Mode::kDtype) return body_with_dtype(expression, dtype);
  if (mode == Mode::kStrict) return "    return " + expression;
  std::string text = expression;
  size_t count = 0;
  for (const Place& each : find_places(expression)) {
    if (each.argument == argument && ++count == place) {
      text.replace(each.begin, each.end - each.begin, "elsewhere");
      break;
    }
  }
  return body_of(text);
}

std::vector<Call> list_calls(bool with_mixtures) {
  std::vector<Call> calls;
  std::set<std::string> seen;
  for (const char* text : kExpressions) {
    const std::string expression = without_mark(text);
    if (!seen.insert(expression).second) continue;
    calls.push_back({expression, Mode::kBase, 0, 0, ""});
    for (const char* dtype : kCasts) calls.push_back({expression, Mode::kCast, 0, 0, dtype});
    if (with_mixtures) add_mixtures(calls, expression);
  }
  static const std::regex second_device(R"(\bwz?\b|sim:)");
  for (const StrictCase& each : kStrictCases) {
    if (with_mixtures && !std::regex_search(each.expression, second_device)) {
      calls.push_back({each.expression, Mode::kStrict, 0, 0, ""});
    }
  }
  for (const std::string& expression : dtype_expressions()) {
    for (const std::string& dtype : dtype_names()) {
      calls.push_back({expression, Mode::kDtype, 0, 0, dtype});
    }
  }
  return calls;
}

}  // namespace crosstrace::cuda_rules
