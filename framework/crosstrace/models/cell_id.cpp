// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/cell_id.h>

#include <cctype>
#include <stdexcept>

namespace crosstrace {
namespace {

bool is_word(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '_';
}

std::string without_punctuation(std::string device) {
  std::erase_if(device, [](char character) { return !is_word(character); });
  return device;
}

std::string described(ExportKind kind, const std::string& trace_device) {
  switch (kind) {
    case ExportKind::kTrace:
      return "trace on " + trace_device;
    case ExportKind::kScript:
      return "script made on " + trace_device;
    case ExportKind::kArchive:
      break;
  }
  return "archive of " + (trace_device == "unknown" ? "unknown device" : trace_device);
}

}  // namespace

std::string_view to_string(ExportKind kind) noexcept {
  switch (kind) {
    case ExportKind::kTrace:
      return "trace";
    case ExportKind::kScript:
      return "script";
    case ExportKind::kArchive:
      break;
  }
  return "archive";
}

std::string_view to_string(Transfer transfer) noexcept {
  switch (transfer) {
    case Transfer::kAsTraced:
      return "as_traced";
    case Transfer::kTo:
      return "to";
    case Transfer::kLoad:
      break;
  }
  return "load";
}

Transfer parse_transfer(std::string_view word) {
  for (const auto transfer : {Transfer::kAsTraced, Transfer::kTo, Transfer::kLoad}) {
    if (word == to_string(transfer)) return transfer;
  }
  throw std::invalid_argument("unknown transfer '" + std::string(word) +
                              "'; use as_traced, to or load");
}

std::string CellId::export_name() const {
  return model + "__" + std::string(to_string(export_kind)) + "_" +
         without_punctuation(trace_device);
}

std::string CellId::name() const {
  return export_name() + (method == "forward" ? "" : "__" + method) + "__" +
         std::string(to_string(transfer)) + "__" + without_punctuation(run_device);
}

std::vector<std::string> CellId::needed_devices() const {
  if (export_kind == ExportKind::kArchive) return {run_device};
  return {trace_device, run_device};
}

std::string CellId::describe_export() const {
  return model + ": " + described(export_kind, trace_device);
}

std::string CellId::describe() const {
  return describe_export() + (method == "forward" ? "" : ", " + method) + ", " +
         std::string(to_string(transfer)) + ", run on " + run_device;
}

}  // namespace crosstrace
