// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Where the operators of a cell ran, as it stands in JSON. For use inside report/ only.
#pragma once

#include <crosstrace/observe/placement_proof.h>

#include <nlohmann/json_fwd.hpp>

namespace crosstrace::detail {

/// {"run_device", "operators": [{"name", "device", "calls", "sized_calls", "source"}], "copies":
/// [{"inside", "from", "to", "calls", "source"}]}, "source" as in a finding.
nlohmann::ordered_json placement_json(const PlacementProof& placement);

/// @throws nlohmann::json::exception if `json` is no such object.
PlacementProof placement_from(const nlohmann::json& json);

}  // namespace crosstrace::detail
