// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/function_schema.h>
#include <crosstrace/cli/inputs.h>
#include <crosstrace/cli/usage_error.h>
#include <crosstrace/models/method_spec.h>
#include <crosstrace/models/spec.h>

#include <algorithm>

namespace crosstrace {
namespace {

/// `forward__0 and forward__1`; of many the first few.
std::string method_names(const Archive& archive) {
  constexpr std::size_t kMost = 5;
  std::vector<std::string> names;
  for (const c10::FunctionSchema& method : archive.methods()) names.push_back(method.name());
  if (names.size() > kMost) {
    const std::size_t others = names.size() - (kMost - 1);
    names.resize(kMost - 1);
    names.push_back(std::to_string(others) + " others");
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

[[noreturn]] void refuse_method(const Archive& archive, const std::string& method) {
  std::string text = archive.path() + " has no method " + method + " to call";
  if (archive.methods().empty()) throw UsageError(text + ", and no other");
  throw UsageError(text + "; it has " + method_names(archive) + ": give each argument as --input " +
                   archive.methods().front().name() + ":SPEC");
}

/// Without the first, which is the module, whatever its name.
std::vector<c10::Argument> arguments_of(const Archive& archive, const std::string& method) {
  for (const c10::FunctionSchema& schema : archive.methods()) {
    if (schema.name() != method) continue;
    return {schema.arguments().begin() + 1, schema.arguments().end()};
  }
  refuse_method(archive, method);
}

std::string listed(const std::vector<c10::Argument>& arguments) {
  std::string text;
  for (const c10::Argument& argument : arguments) {
    text += (text.empty() ? "" : ", ") + argument.name() + ": " + argument.type()->repr_str();
    if (argument.default_value()) text += " = ...";
  }
  return text;
}

std::size_t required_of(const std::vector<c10::Argument>& arguments) {
  return std::count_if(arguments.begin(), arguments.end(),
                       [](const c10::Argument& argument) { return !argument.default_value(); });
}

void refuse_wrong_number(const Archive& archive, const MethodSpecs& call,
                         const std::vector<c10::Argument>& arguments) {
  const std::size_t required = required_of(arguments);
  const std::size_t given = call.specs.size();
  if (given >= required && given <= arguments.size()) return;
  const std::string from = required == arguments.size() ? "" : std::to_string(required) + " to ";
  throw UsageError(archive.path() + ": " + call.method + " takes " + from +
                   std::to_string(arguments.size()) + " arguments (" + listed(arguments) +
                   "), --input was given " + std::to_string(given) +
                   " times; give it once for each");
}

/// What a file holds has lost its types, so only the method itself can judge it.
void refuse_wrong_type(const std::string& method, const std::string& text, const InputSpec& spec,
                       const c10::Argument& argument) {
  if (text.find('@') != std::string::npos || spec.type->isSubtypeOf(*argument.type())) return;
  throw UsageError("--input '" + text + "' is " + spec.type->repr_str() + ", but " + method +
                   " takes " + argument.name() + ": " + argument.type()->repr_str());
}

InputGenerator generator_of(const Archive& archive, const MethodSpecs& call) {
  const std::vector<c10::Argument> arguments = arguments_of(archive, call.method);
  refuse_wrong_number(archive, call, arguments);
  std::vector<InputSpec> specs;
  for (std::size_t i = 0; i < call.specs.size(); ++i) {
    specs.push_back(parse_spec(call.specs[i]));
    take_type(specs.back(), arguments[i].type());
    refuse_wrong_type(call.method, call.specs[i], specs.back(), arguments[i]);
  }
  return [specs = std::move(specs)] { return draw_all(specs); };
}

}  // namespace

InputsOfMethods parse_inputs(const Archive& archive, const std::vector<std::string>& texts) {
  std::vector<MethodSpecs> calls = by_method(texts);
  if (calls.empty()) calls.push_back({"forward", {}});
  InputsOfMethods inputs;
  for (const MethodSpecs& call : calls) inputs[call.method] = {generator_of(archive, call)};
  return inputs;
}

}  // namespace crosstrace
