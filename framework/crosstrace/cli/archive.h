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

}  // namespace crosstrace
