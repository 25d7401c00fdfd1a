// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/archive_check.h>
#include <crosstrace/cli/archive.h>
#include <crosstrace/cli/usage_error.h>
#include <crosstrace/export/export.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/models/model.h>
#include <dlfcn.h>
#include <torch/csrc/jit/api/module.h>

#include <algorithm>
#include <optional>

namespace crosstrace {
namespace {

/// `[enforce fail at inline_container.cc:214] . Couldn't parse the version` and
/// `isTuple() INTERNAL ASSERT FAILED at "ivalue.h":12, please report a bug to PyTorch. Expected
/// Tuple` blame LibTorch's source for what is wrong with the file; their last sentences say what
/// that is.
std::string without_blame(std::string line) {
  for (const std::string_view mark : {"] . ", "please report a bug to PyTorch. "}) {
    const std::size_t at = line.find(mark);
    if (at != std::string::npos) line.erase(0, at + mark.size());
  }
  return line.substr(0, line.find(" This is an internal miniz error"));
}

std::string first_line_with_text(const std::string& text) {
  const std::size_t start = std::min(text.find_first_not_of("\n "), text.size());
  return without_blame(text.substr(start, text.find('\n', start) - start));
}

/// LibTorch says of an operator that it does not know: `Unknown builtin op: torchvision::nms.`
std::string unknown_operator(const std::string& message) {
  constexpr std::string_view kUnknown = "Unknown builtin op: ";
  const std::size_t found = message.find(kUnknown);
  if (found == std::string::npos) return "";
  std::string op = first_line_with_text(message.substr(found + kUnknown.size()));
  if (op.ends_with('.')) op.pop_back();
  return op;
}

std::string explain(const std::string& path, const Failure& failure) {
  const std::string op = unknown_operator(failure.message);
  if (!op.empty()) {
    return "cannot load " + path + ": operator " + op +
           " is unknown; name the library that registers '" + op.substr(0, op.find("::")) +
           "' with --op-library";
  }
  std::string why = first_line_with_text(failure.message);
  if (why.starts_with("cannot read archive")) return why;
  if (failure.verdict == Verdict::kCrashed) why = "LibTorch " + why;
  if (why.empty()) why = "LibTorch's reader gives no reason";
  return "cannot load " + path + ": " + why + "; is it a file that torch.jit.save wrote?";
}

}  // namespace

void load_op_libraries(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
      throw UsageError("--op-library " + path + ": " + dlerror());
    }
  }
}

void read_archive(const std::string& path, const std::function<void()>& read) {
  const auto failure = guarded([&] {
    check_archive(path);
    read();
  });
  if (failure) throw UsageError(explain(path, *failure));
}

std::vector<ForwardArgument> forward_arguments(const std::string& path) {
  std::optional<std::vector<ForwardArgument>> arguments;
  read_archive(path, [&] {
    const torch::jit::Module module = Export(path).load(c10::kCPU);
    const auto forward = module.find_method("forward");
    if (!forward) return;
    arguments.emplace();
    const auto& formal = forward->function().getSchema().arguments();
    for (std::size_t i = 1; i < formal.size();
         ++i) {  // The first is the module, whatever its name.
      arguments->push_back({formal[i].name(), formal[i].type()});
    }
  });
  if (!arguments) throw UsageError(path + " has no method forward to call");
  return *arguments;
}

}  // namespace crosstrace
