// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/uri.h>

#include <string_view>
#include <system_error>

namespace crosstrace::detail {
namespace {

namespace fs = std::filesystem;

// RFC 3986: what is unreserved stands for itself, and slashes separate. Colons are encoded too: one
// in the first segment would make a scheme of it.
bool stands_for_itself(char character) {
  constexpr std::string_view kMarks = "-._~/";
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || kMarks.find(character) != std::string_view::npos;
}

std::string percent_encoded(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char character : text) {
    if (stands_for_itself(character)) {
      encoded += character;
      continue;
    }
    const auto byte = static_cast<unsigned char>(character);
    encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return encoded;
}

// Where even that fails, for a loop of links or a name that is too long, the name as it is.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  const auto canonical = fs::weakly_canonical(path, error);
  return error ? path.lexically_normal() : canonical;
}

}  // namespace

std::string to_uri(const std::string& file, const fs::path& folder) {
  const auto path = resolved(folder / file);
  const auto relative = path.lexically_relative(resolved(folder));
  const bool is_inside = !relative.empty() && *relative.begin() != "..";
  return is_inside ? percent_encoded(relative.generic_string())
                   : "file://" + percent_encoded(path.generic_string());
}

}  // namespace crosstrace::detail
