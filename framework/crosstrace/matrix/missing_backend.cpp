// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/core/Device.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <crosstrace/matrix/missing_backend.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace crosstrace {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char character) { return std::tolower(character); });
  return text;
}

bool is_here(const std::string& type) try {
  return c10::impl::hasDeviceGuardImpl(c10::Device(type).type());
} catch (const c10::Error&) {
  return true;  // No device type, such as SparseCPU: there is nothing that could be missing.
}

struct Quoted {
  std::string text;
  std::size_t end = 0;  ///< Behind the closing quote.
};

std::optional<Quoted> quoted_after(const std::string& text, std::string_view words,
                                   std::size_t start) {
  const std::size_t found = text.find(words, start);
  if (found == std::string::npos) return std::nullopt;
  const std::size_t begin = found + words.size();
  const std::size_t end = text.find('\'', begin);
  if (end == std::string::npos) return std::nullopt;
  return Quoted{text.substr(begin, end - begin), end + 1};
}

/// The dispatcher's table ends where its last backend does: an empty line, or the end of the text.
std::size_t end_of_table(const std::string& text, std::size_t at) {
  const std::size_t table = text.find("\n\n", at);
  if (table == std::string::npos) return text.size();
  const std::size_t end = text.find("\n\n", table + 2);
  return end == std::string::npos ? text.size() : end;
}

std::string shorten_dispatch(const std::string& text) {
  const auto op = quoted_after(text, "Could not run '", 0);
  if (!op) return text;
  const auto backend = quoted_after(text, "with arguments from the '", op->end);
  if (!backend || text.compare(backend->end, 9, " backend.") != 0 ||
      text.find("is only available for these backends", backend->end) == std::string::npos) {
    return text;  // The simulated device has sentences of its own.
  }
  const std::string name = op->text.substr(0, op->text.find('.'));
  const std::string type = lower(backend->text);
  const std::string sentence = is_here(type)
                                   ? name + " has no " + backend->text + " kernel"
                                   : name + " on " + type + ": no " + backend->text + " here";
  return text.substr(0, text.find("Could not run '")) + sentence +
         text.substr(end_of_table(text, backend->end));
}

/// A device guard that is not there: `PyTorch is not linked with support for cuda devices`.
std::string shorten_guard(const std::string& text) {
  constexpr std::string_view kWords = "PyTorch is not linked with support for ";
  constexpr std::string_view kDevices = " devices";
  const std::size_t found = text.find(kWords);
  if (found == std::string::npos) return text;
  const std::size_t begin = found + kWords.size();
  const std::size_t end = text.find(kDevices, begin);
  if (end == std::string::npos) return text;
  std::string backend = text.substr(begin, end - begin);
  const std::string type = backend;
  std::transform(backend.begin(), backend.end(), backend.begin(),
                 [](unsigned char character) { return std::toupper(character); });
  return text.substr(0, found) + "a device of " + type + ": no " + backend + " here" +
         text.substr(end + kDevices.size());
}

}  // namespace

std::string shorten_missing_backend(const std::string& text) {
  return shorten_guard(shorten_dispatch(text));
}

std::string_view missing_backend(std::string_view sentence) {
  constexpr std::string_view kHere = " here";
  const std::size_t no = sentence.rfind(": no ");
  if (no == std::string_view::npos || !sentence.ends_with(kHere)) return "";
  const std::size_t begin = sentence.rfind(' ', no - 1) + 1;
  return sentence.substr(begin, no - begin);
}

}  // namespace crosstrace
