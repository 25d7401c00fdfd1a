// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What `--input` says.
#pragma once

#include <crosstrace/archive/archive.h>
#include <crosstrace/models/spec.h>

#include <string>
#include <vector>

namespace crosstrace {

/// One spec for each argument of the archive's forward; see `parse_spec`.
/// @throws UsageError if there is no forward, or the specs are not as many as its arguments or of
/// another type; std::invalid_argument for what is no spec.
std::vector<InputSpec> parse_inputs(const Archive& archive, const std::vector<std::string>& texts);

}  // namespace crosstrace
