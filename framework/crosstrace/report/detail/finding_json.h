// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A finding as it stands in every JSON report. For use inside report/ only.
#pragma once

#include <crosstrace/diagnose/finding.h>

#include <nlohmann/json_fwd.hpp>
#include <optional>

namespace crosstrace::detail {

/// {"file", "line"}, or null.
nlohmann::ordered_json source_json(const std::optional<SourceLocation>& source);

/// {"id", "rule", "severity", "method", "operator", "message", "advice", "source": {"file", "line"}
/// or null, "function", "module_path", "repair"}
nlohmann::ordered_json finding_json(const Finding& finding);

/// @throws nlohmann::json::exception, or std::runtime_error naming a word that is not known, if
/// `json` is no such object.
Finding finding_from(const nlohmann::json& json);

}  // namespace crosstrace::detail
