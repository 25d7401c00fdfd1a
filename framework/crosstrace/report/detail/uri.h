// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Files as URIs. For use inside report/ only.
#pragma once

#include <filesystem>
#include <string>

namespace crosstrace::detail {

/// `src/my%20model.py` for a file in `folder`, `file:///opt/model.py` for one elsewhere. Symbolic
/// links are followed, as GitHub wants it. The file need not exist.
std::string to_uri(const std::string& file, const std::filesystem::path& folder);

}  // namespace crosstrace::detail
