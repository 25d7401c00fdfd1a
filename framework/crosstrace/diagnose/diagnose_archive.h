// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The diagnosis of a file, of which no weight is read.
///
///     const auto diagnosis = crosstrace::diagnose_archive("baked.pt");
///     std::cout << diagnosis.findings.front().id << '\n';  // prints implicit-cpu-1
#pragma once

#include <crosstrace/archive/archive.h>
#include <crosstrace/diagnose/diagnosis.h>

#include <string>
#include <utility>
#include <vector>

namespace crosstrace {

/// As `diagnose`, told of its home and where its tensors were saved by the archive itself, so that
/// ids of findings are the same whoever asks.
/// @throws as `Archive::without_weights` does.
Diagnosis diagnose_archive(const Archive& archive,
                           const std::vector<std::pair<Transfer, std::string>>& cells = {});

}  // namespace crosstrace
