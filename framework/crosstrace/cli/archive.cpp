// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/archive.h>
#include <crosstrace/cli/usage_error.h>
#include <crosstrace/devices/cuda_loader.h>
#include <crosstrace/matrix/crash_guard.h>

#include <algorithm>

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

/// Calls of CUDA's own operators and its class Stream cannot even be read without its part.
bool wants_cuda_part(const std::string& message) {
  return message.find("Unknown builtin op: cuda::") != std::string::npos ||
         message.find("__torch__.torch.classes.cuda.") != std::string::npos;
}

std::string explain(const std::string& path, const Failure& failure) {
  if (wants_cuda_part(failure.message) && !open_cuda_part().empty()) {
    return "cannot load " + path + ": it calls CUDA's own operators (torch.cuda...), and " +
           open_cuda_part();
  }
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

void require_readable(const Archive& archive) {
  // A signal leaves no destructors behind, and no half of the archive either.
  if (const auto failure = guarded([&] { (void)archive.storage_locations(); })) {
    throw UsageError(explain(archive.path(), *failure));
  }
}

}  // namespace crosstrace
