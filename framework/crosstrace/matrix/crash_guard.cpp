// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/util/Exception.h>
#include <c10/util/Type.h>
#include <crosstrace/base/accelerator.h>
#include <crosstrace/base/signal_guard.h>
#include <crosstrace/export/call_stack.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/matrix/missing_backend.h>
#include <cxxabi.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/runtime/jit_exception.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <typeinfo>

namespace crosstrace {
namespace {

Failure foreign_exception() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  return {Verdict::kError, "threw a value of type " +
                               (type == nullptr ? "unknown" : c10::demangle(type->name())) +
                               ", which is not a std::exception"};
}

std::optional<Failure> run_catching(const std::function<void()>& work) {
  try {
    work();
    return std::nullopt;
  } catch (const torch::jit::JITException& error) {
    return Failure{Verdict::kError, error_text(error.what()), /*raised=*/true};
  } catch (const c10::Error& error) {
    return Failure{Verdict::kError, error_text(error.what_without_backtrace())};
  } catch (const std::exception& error) {
    return Failure{Verdict::kError, error_text(error.what())};
  } catch (...) {
    return foreign_exception();
  }
}

/// Drops empty lines and headings of tracebacks that no line follows: modules made in this process
/// have no source.
std::string without_end(std::string text) {
  while (!text.empty()) {
    const std::size_t line = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
    if (line != text.size() && text.compare(line, 24, "Traceback of TorchScript") != 0) break;
    text.resize(line == 0 ? 0 : line - 1);
  }
  return text;
}

/// The exception at the end of an interpreter's text.
struct Cause {
  std::size_t start = 0;
  std::string text;
};

/// Behind the last traceback: where a task that a script forked died, there are several, and the
/// innermost is the last. Of a module that was made in this process only the heading is there.
std::size_t end_of_tracebacks(const std::string& text) {
  constexpr std::string_view kHere = "<--- HERE\n";
  constexpr std::string_view kHeading = "(most recent call last):\n";
  const std::size_t here = text.rfind(kHere);
  const std::size_t heading = text.rfind(kHeading);
  const bool has_lines =
      here != std::string::npos && (heading == std::string::npos || here > heading);
  if (has_lines) return here + kHere.size();
  return heading == std::string::npos ? heading : heading + kHeading.size();
}

/// `builtins.ValueError` gives `ValueError`; empty if the line does not begin with the name of a
/// class and `: `, as LibTorch writes it (interpreter.cpp, handleError).
std::string class_at(std::string_view line) {
  const std::string_view name = line.substr(0, std::min(line.find(": "), line.size()));
  const auto is_of_name = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.'; };
  const bool is_class =
      name.size() < line.size() && std::all_of(name.begin(), name.end(), is_of_name);
  return is_class ? std::string(name.substr(name.rfind('.') + 1)) : "";
}

/// `ValueError: no weights` of a line that names a class and what follows it, `no weights` of
/// RuntimeError, which is LibTorch's own word too, and `ValueError` where there are no words.
std::string exception_text(const std::string& name, const std::string& text) {
  const std::string words = text.substr(text.find(": ") + 2);
  if (words.find_first_not_of('\n') == std::string::npos) return name;
  return name == "RuntimeError" ? words : name + ": " + words;
}

/// The lines of code behind the marked one come first; they are indented, or no class.
std::optional<Cause> cause_in(const std::string& text) {
  if (text.find("TorchScript interpreter") == std::string::npos) return std::nullopt;
  for (std::size_t start = end_of_tracebacks(text); start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string name = class_at(std::string_view(text).substr(start, end - start));
    if (!name.empty()) return Cause{start, exception_text(name, text.substr(start))};
    start = end + 1;
  }
  constexpr std::string_view kRuntimeError = "RuntimeError: ";
  const std::size_t mark = text.rfind(kRuntimeError);
  if (mark == std::string::npos) return std::nullopt;
  return Cause{mark, text.substr(mark + kRuntimeError.size())};
}

}  // namespace

std::optional<Failure> guarded(const std::function<void()>& work) {
  const auto tracing = torch::jit::tracer::getTracingState();
  std::optional<Failure> failure;
  if (const auto crash = run_until_signal([&] { failure = run_catching(work); })) {
    return Failure{Verdict::kCrashed, "crashed: " + describe_crash(*crash)};
  }
  if (failure) torch::jit::tracer::setTracingState(tracing);
  return failure;
}

std::string describe_crash(const Crash& crash) {
  std::string text = describe_signal(crash);
  const CallStack stack(crash.frames.begin(), crash.frames.begin() + crash.frame_count);
  const std::optional<Frame> frame = innermost_function(stack);
  if (!frame) return text;
  text += (crash.said[0] == '\0' ? " in " : ", in ") + frame->function;
  if (!frame->file.empty()) text += " (" + frame->file + ":" + std::to_string(frame->line) + ")";
  return text;
}

std::string error_text(const std::string& what) {
  const std::string text =
      shorten_missing_backend(what.substr(0, what.find("\nException raised from")));
  if (is_wrong_accelerator(text)) {
    return "LibTorch runs no backward pass on CUDA while the simulated device is registered "
           "(pytorch/pytorch#161129); link CrossTrace before LibTorch, or leave sim out of the "
           "devices";
  }
  const std::optional<Cause> cause = cause_in(text);
  if (!cause) return text;
  return without_end(cause->text) + "\n" + without_end(text.substr(0, cause->start));
}

}  // namespace crosstrace
