// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What `--input` says.
#pragma once

#include <crosstrace/archive/archive.h>
#include <crosstrace/models/model.h>

#include <string>
#include <vector>

namespace crosstrace {

/// What draws the arguments of each method that is given some: one SPEC for each, see `parse_spec`,
/// with `METHOD:` in front unless the method is forward (method_spec.h). Arguments with defaults may
/// be left out at the end. No texts are a call of forward without arguments.
/// @throws UsageError if there is no such method, or the specs are not as many as its arguments or of
/// another type; std::invalid_argument for what is no spec.
InputsOfMethods parse_inputs(const Archive& archive, const std::vector<std::string>& texts);

}  // namespace crosstrace
