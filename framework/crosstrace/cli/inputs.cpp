// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/archive.h>
#include <crosstrace/cli/inputs.h>
#include <crosstrace/cli/usage_error.h>

namespace crosstrace {
namespace {

std::string listed(const std::vector<ForwardArgument>& arguments) {
  std::string text;
  for (const ForwardArgument& argument : arguments) {
    text += (text.empty() ? "" : ", ") + argument.name + ": " + argument.type->repr_str();
  }
  return text;
}

/// What a file holds has lost its types, so only forward itself can judge it.
void refuse_wrong_type(const std::string& text, const InputSpec& spec,
                       const ForwardArgument& argument) {
  if (text.find('@') != std::string::npos || spec.type->isSubtypeOf(*argument.type)) return;
  throw UsageError("--input '" + text + "' is " + spec.type->repr_str() + ", but forward takes " +
                   argument.name + ": " + argument.type->repr_str());
}

}  // namespace

std::vector<InputSpec> parse_inputs(const std::string& archive,
                                    const std::vector<std::string>& texts) {
  const std::vector<ForwardArgument> needed = forward_arguments(archive);
  if (needed.size() != texts.size()) {
    throw UsageError(archive + ": forward takes " + std::to_string(needed.size()) + " arguments (" +
                     listed(needed) + "), --input was given " + std::to_string(texts.size()) +
                     " times; give it once for each");
  }
  std::vector<InputSpec> specs;
  for (std::size_t i = 0; i < needed.size(); ++i) {
    specs.push_back(parse_spec(texts[i]));
    refuse_wrong_type(texts[i], specs.back(), needed[i]);
  }
  return specs;
}

}  // namespace crosstrace
