// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a cell counts as, as reports call it. For use inside report/ only.
#pragma once

#include <crosstrace/matrix/cell_result.h>

namespace crosstrace::detail {

/// `passed`, `failed`, `untrusted`, `skipped`; `declared` of a failure that the model declares.
const char* outcome_word(const CellResult& cell) noexcept;

/// True for what somebody has to act on: failed, or untrusted.
bool is_failure(const CellResult& cell) noexcept;

}  // namespace crosstrace::detail
