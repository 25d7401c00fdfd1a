// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A shared library with a name and nothing in it.
#pragma once

#include <string>

namespace crosstrace {

/// Loads an empty library whose SONAME is `name` into this process, for good. Libraries that name it
/// as one they need, and use nothing of it, can be loaded from then on. @returns false if the system
/// does not allow it.
bool open_empty_library(const std::string& name);

}  // namespace crosstrace
