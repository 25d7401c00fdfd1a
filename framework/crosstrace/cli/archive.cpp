// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/archive.h>
#include <crosstrace/cli/usage_error.h>
#include <crosstrace/devices/cuda_loader.h>
#include <crosstrace/diagnose/diagnose_archive.h>
#include <crosstrace/matrix/crash_guard.h>
#include <torch/version.h>

#include <algorithm>
#include <optional>
#include <string_view>

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

/// What an operator library must register.
struct Missing {
  std::string what;     ///< `operator torchvision::nms`, `class tensorrt.Engine`.
  std::string library;  ///< The namespace that it is registered in.
};

/// LibTorch says of an operator that it does not know: `Unknown builtin op: torchvision::nms.`
std::optional<Missing> unknown_operator(const std::string& message) {
  constexpr std::string_view kUnknown = "Unknown builtin op: ";
  const std::size_t found = message.find(kUnknown);
  if (found == std::string::npos) return std::nullopt;
  std::string op = first_line_with_text(message.substr(found + kUnknown.size()));
  if (op.ends_with('.')) op.pop_back();
  return Missing{"operator " + op, op.substr(0, op.find("::"))};
}

/// And of a C++ class: `Unknown type name '__torch__.torch.classes.tensorrt.Engine'`; where a
/// pickle comes first, `Tried to deserialize class __torch__.torch.classes.tensorrt.Engine which is
/// not known to the runtime.`
std::optional<Missing> unknown_class(const std::string& message) {
  constexpr std::string_view kClasses = "__torch__.torch.classes.";
  const std::size_t found = message.find(kClasses);
  const bool is_unknown = message.find("Unknown type name") != std::string::npos ||
                          message.find("not known to the runtime") != std::string::npos;
  if (found == std::string::npos || !is_unknown) return std::nullopt;
  const std::size_t start = found + kClasses.size();
  const std::string name = message.substr(start, message.find_first_of("' \n:", start) - start);
  return Missing{"class " + name, name.substr(0, name.find('.'))};
}

/// Calls of CUDA's own operators and its class Stream cannot even be read without its part.
bool wants_cuda_part(const std::string& message) {
  return message.find("Unknown builtin op: cuda::") != std::string::npos ||
         message.find("__torch__.torch.classes.cuda.") != std::string::npos;
}

/// `aten::save reads or writes a file (net.py:14)`
std::string unsafe_operator(const Archive& archive) {
  for (const Finding& finding : diagnose_archive(archive).findings) {
    if (finding.rule != "unsafe-operator") continue;
    return finding.message.substr(0, finding.message.find(';')) + " (" + finding.where() + ")";
  }
  return "it has operators that reach beyond its tensors";
}

/// Two lines' worth of it: some sentences of LibTorch's list every backend that there is.
std::string shortened(const std::string& text) {
  constexpr std::size_t kLongest = 200;
  if (text.size() <= kLongest) return text;
  return text.substr(0, text.rfind(' ', kLongest)) + " ...";
}

}  // namespace

std::string why_not_loaded(const std::string& path, const std::string& message) {
  if (wants_cuda_part(message) && !open_cuda_part().empty()) {
    return "cannot load " + path + ": it calls CUDA's own operators (torch.cuda...), and " +
           open_cuda_part();
  }
  auto missing = unknown_operator(message);
  if (!missing) missing = unknown_class(message);
  if (missing) {
    return "cannot load " + path + ": " + missing->what +
           " is unknown; name the library that registers '" + missing->library +
           "' with --op-library";
  }
  const std::string why = first_line_with_text(message);
  if (why.starts_with("cannot read archive")) return why;
  return "cannot load " + path +
         ": its contents are not what LibTorch " TORCH_VERSION " expects: " +
         (why.empty() ? "its reader gives no reason" : shortened(why));
}

void require_readable(const Archive& archive) {
  // A signal leaves no destructors behind, and no half of the archive either.
  if (const auto failure = guarded([&] { (void)archive.storage_locations(); })) {
    throw UsageError(why_not_loaded(archive.path(), failure->message));
  }
}

void require_trust(const Archive& archive, bool trust) {
  if (trust || !archive.has_unsafe_operators()) return;
  throw UsageError(archive.path() + ": " + unsafe_operator(archive) +
                   "; look at it with crosstrace inspect, which runs nothing, and give --trust to "
                   "run it");
}

}  // namespace crosstrace
