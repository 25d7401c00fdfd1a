// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which findings a repair, or a model that runs everywhere, must not have.
///
///     for (const crosstrace::Finding& finding : diagnosis.findings)
///       if (crosstrace::is_device_matter(finding)) std::cout << finding.message << '\n';
#pragma once

#include <crosstrace/diagnose/finding.h>

namespace crosstrace {

/// Above a note, and about where the export runs. Random numbers are drawn wherever it does: they
/// and operators that reach beyond their tensors are warnings that no change of devices takes away.
inline bool is_device_matter(const Finding& finding) {
  return finding.severity > Severity::kNote && finding.rule != "random" &&
         finding.rule != "unsafe-operator";
}

}  // namespace crosstrace
