// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The cells of a report that the command printed as JSON.
#pragma once

#include <unit/process.h>

#include <nlohmann/json.hpp>

namespace crosstrace {

/// By value: a loop over a part of what `parse` returns would see it gone.
inline nlohmann::json cells_of(const ProcessResult& result) {
  return nlohmann::json::parse(result.output).at("cells");
}

}  // namespace crosstrace
