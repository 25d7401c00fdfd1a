// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/function_schema.h>
#include <crosstrace/cli/inputs.h>
#include <crosstrace/cli/usage_error.h>

namespace crosstrace {
namespace {

/// Without the first, which is the module, whatever its name.
std::vector<c10::Argument> arguments_of(const Archive& archive) {
  const c10::FunctionSchema* forward = archive.forward();
  if (forward == nullptr) throw UsageError(archive.path() + " has no method forward to call");
  return {forward->arguments().begin() + 1, forward->arguments().end()};
}

std::string listed(const std::vector<c10::Argument>& arguments) {
  std::string text;
  for (const c10::Argument& argument : arguments) {
    text += (text.empty() ? "" : ", ") + argument.name() + ": " + argument.type()->repr_str();
  }
  return text;
}

/// What a file holds has lost its types, so only forward itself can judge it.
void refuse_wrong_type(const std::string& text, const InputSpec& spec,
                       const c10::Argument& argument) {
  if (text.find('@') != std::string::npos || spec.type->isSubtypeOf(*argument.type())) return;
  throw UsageError("--input '" + text + "' is " + spec.type->repr_str() + ", but forward takes " +
                   argument.name() + ": " + argument.type()->repr_str());
}

}  // namespace

std::vector<InputSpec> parse_inputs(const Archive& archive, const std::vector<std::string>& texts) {
  const std::vector<c10::Argument> needed = arguments_of(archive);
  if (needed.size() != texts.size()) {
    throw UsageError(archive.path() + ": forward takes " + std::to_string(needed.size()) +
                     " arguments (" + listed(needed) + "), --input was given " +
                     std::to_string(texts.size()) + " times; give it once for each");
  }
  std::vector<InputSpec> specs;
  for (std::size_t i = 0; i < needed.size(); ++i) {
    specs.push_back(parse_spec(texts[i]));
    refuse_wrong_type(texts[i], specs.back(), needed[i]);
  }
  return specs;
}

}  // namespace crosstrace
