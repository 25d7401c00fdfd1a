// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The archive that a command is given.
#pragma once

#include <crosstrace/archive/archive.h>

#include <string>
#include <vector>

namespace crosstrace {

/// Sees that LibTorch can read the program of the archive: it is opened and checked here, and all that
/// the command wants of the file it takes from this value.
/// @throws UsageError in one line: what is wrong with the file, or which operator is unknown and
/// how to load it.
void require_readable(const Archive& archive);

/// Lets an archive that reaches beyond its tensors (rule unsafe-operator) be run only by someone who
/// says so.
/// @param trust as `--trust` says.
/// @throws UsageError in one line: the operator, where it is, what it does, and `--trust`.
void require_trust(const Archive& archive, bool trust);

/// Why LibTorch would not load the archive, in one line with its path.
std::string why_not_loaded(const std::string& path, const std::string& message);

}  // namespace crosstrace
