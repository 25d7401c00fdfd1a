// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/placement_json.h>

#include <nlohmann/json.hpp>

namespace crosstrace::detail {
namespace {

using Written = nlohmann::ordered_json;
using Read = nlohmann::json;

Written source_json(const std::optional<SourceLocation>& source) {
  if (!source) return nullptr;
  return {{"file", source->file}, {"line", source->line}};
}

std::optional<SourceLocation> source_from(const Read& json) {
  if (json.is_null()) return std::nullopt;
  return SourceLocation{json.at("file"), json.at("line")};
}

OperatorPlacement operator_from(const Read& json) {
  return {json.at("name"), json.at("device"), json.at("calls"), json.at("sized_calls"),
          source_from(json.at("source"))};
}

CopyPlacement copy_from(const Read& json) {
  return {json.at("inside"), json.at("from"), json.at("to"), json.at("calls"),
          source_from(json.at("source"))};
}

}  // namespace

Written placement_json(const PlacementProof& placement) {
  Written operators = Written::array();
  for (const OperatorPlacement& op : placement.operators) {
    operators.push_back({{"name", op.name},
                         {"device", op.device},
                         {"calls", op.calls},
                         {"sized_calls", op.sized_calls},
                         {"source", source_json(op.source)}});
  }
  Written copies = Written::array();
  for (const CopyPlacement& copy : placement.copies) {
    copies.push_back({{"inside", copy.inside},
                      {"from", copy.from},
                      {"to", copy.to},
                      {"calls", copy.calls},
                      {"source", source_json(copy.source)}});
  }
  return {{"run_device", placement.run_device}, {"operators", operators}, {"copies", copies}};
}

PlacementProof placement_from(const Read& json) {
  PlacementProof placement;
  placement.run_device = json.at("run_device");
  for (const Read& op : json.at("operators")) placement.operators.push_back(operator_from(op));
  for (const Read& copy : json.at("copies")) placement.copies.push_back(copy_from(copy));
  return placement;
}

}  // namespace crosstrace::detail
