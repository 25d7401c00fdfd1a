// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/archive.h>
#include <crosstrace/cli/usage_error.h>
#include <crosstrace/export/export.h>
#include <crosstrace/matrix/guard.h>
#include <crosstrace/models/model.h>
#include <dlfcn.h>
#include <torch/csrc/jit/api/module.h>

#include <optional>

namespace crosstrace {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// LibTorch says of an operator that it does not know: `Unknown builtin op: torchvision::nms.`
std::string explain(const std::string& path, const std::string& message) {
  constexpr std::string_view kUnknown = "Unknown builtin op: ";
  const std::size_t found = message.find(kUnknown);
  if (found == std::string::npos) {
    return "cannot load " + path + ": " + first_line(message) +
           "; is it a file that torch.jit.save wrote?";
  }
  std::string op = first_line(message.substr(found + kUnknown.size()));
  if (op.ends_with('.')) op.pop_back();
  return "cannot load " + path + ": operator " + op +
         " is unknown; name the library that registers '" + op.substr(0, op.find("::")) +
         "' with --op-library";
}

}  // namespace

void load_op_libraries(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
      throw UsageError("--op-library " + path + ": " + dlerror());
    }
  }
}

std::vector<ForwardArgument> forward_arguments(const std::string& path) {
  std::optional<std::vector<ForwardArgument>> arguments;
  const auto failure = guarded([&] {
    const torch::jit::Module module = Export(path).load(c10::kCPU);
    const auto forward = module.find_method("forward");
    if (!forward) return;
    arguments.emplace();
    for (const c10::Argument& argument : forward->function().getSchema().arguments()) {
      if (argument.name() != "self") arguments->push_back({argument.name(), argument.type()});
    }
  });
  if (!failure && !arguments) throw UsageError(path + " has no method forward to call");
  if (!failure) return *arguments;
  if (failure->message.starts_with("cannot read archive"))
    throw UsageError(first_line(failure->message));
  throw UsageError(explain(path, failure->message));
}

}  // namespace crosstrace
