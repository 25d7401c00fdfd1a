// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/matrix/causes.h>
#include <crosstrace/matrix/missing_backend.h>

#include <algorithm>
#include <initializer_list>
#include <set>
#include <string_view>

namespace crosstrace {
namespace {

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

/// LibTorch's ways to refuse a mixture of devices.
bool is_about_devices(std::string_view message) {
  return contains_any(message, {"same device", "too many CPU scalars", "on the CPU", "on cpu",
                                "is on ", "device type", "devices", "Input type"});
}

bool is_about_kernels(std::string_view message) {
  return contains_any(message, {"Could not run", "not implemented for", "Unknown builtin op",
                                "no kernel", "kernel image"});
}

bool is_about_shapes(std::string_view message) {
  return contains_any(message, {"invalid for input of size", "The size of tensor", "shape",
                                "expanded size", "Sizes of tensors", "cannot be multiplied"});
}

/// What a cell that dies may have died of, beside devices.
std::set<std::string_view> rules_of_error(std::string_view message) {
  std::set<std::string_view> rules;
  if (is_about_kernels(message)) {
    rules.insert({"missing-kernel", "backend-specialised", "storage-location"});
  }
  if (is_about_shapes(message)) rules.insert("baked-shape");
  if (contains_any(message, {"dtype", "scalar type"})) rules.insert("baked-dtype");
  return rules;
}

std::set<std::string_view> rules_of(const CellResult& result) {
  switch (result.verdict) {
    case Verdict::kMismatch:
    case Verdict::kNonfinite:
    case Verdict::kUnstable:
      return {"random", "device-branch", "backend-specialised"};
    case Verdict::kWrongShape:
      return {"baked-shape", "device-branch"};
    case Verdict::kWrongDtype:
      return {"baked-dtype", "device-branch"};
    case Verdict::kError:
    case Verdict::kCrashed:
      // Below it TorchScript quotes code, in which any word may stand.
      return rules_of_error(first_line(result.message));
    default:
      return {};
  }
}

/// A prediction speaks of devices; a cell that failed otherwise did not fail of what it names.
bool came_true(const Prediction& prediction, const CellResult& result) {
  if (prediction.answer == Prediction::Answer::kMatches) return false;
  if (prediction.verdict == Verdict::kWrongDevice) return result.verdict == Verdict::kWrongDevice;
  if (result.verdict == Verdict::kCrashed) return true;
  return result.verdict == Verdict::kError && is_about_devices(first_line(result.message));
}

/// A program that dies of a backend that is not here has named it: in a literal, or where a tensor
/// was saved.
bool names_missing_backend(const Finding& finding, const CellResult& result) {
  const std::string_view type = missing_backend(first_line(result.message));
  if (type.empty()) return false;
  const bool holds_device =
      finding.rule == "device-literal" || finding.rule == "transfer-literal" ||
      finding.rule == "device-ordinal" || finding.rule == "stranded-attribute" ||
      finding.rule == "storage-location";
  return holds_device && finding.message.find(type) != std::string::npos;
}

/// What is baked beside a device at the same operator is a cause only where `rules_of` says so.
bool is_at(const Finding& finding, const FirstDifference& blame) {
  if (finding.rule.starts_with("baked-")) return false;
  if (blame.kind != FirstDifference::Kind::kNode || finding.operator_name != blame.operator_name) {
    return false;
  }
  if (!finding.source || !blame.source) return !finding.source && !blame.source;
  return finding.source->str() == blame.source->str();
}

}  // namespace

std::vector<std::string> causes_of(const CellResult& result, const Diagnosis& diagnosis,
                                   const std::vector<Finding>& differences,
                                   const FirstDifference& blame) {
  if (!is_failure(result.verdict)) return {};
  std::set<std::string_view> predicted;
  const auto prediction = diagnosis.predictions.find({result.id.transfer, result.id.run_device});
  if (prediction != diagnosis.predictions.end() && came_true(prediction->second, result)) {
    predicted.insert(prediction->second.causes.begin(), prediction->second.causes.end());
  }
  const std::set<std::string_view> rules = rules_of(result);
  std::vector<std::string> causes;
  const auto add_fitting = [&](const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
      if (predicted.contains(finding.id) || rules.contains(finding.rule) || is_at(finding, blame) ||
          names_missing_backend(finding, result)) {
        causes.push_back(finding.id);
      }
    }
  };
  add_fitting(diagnosis.findings);
  add_fitting(differences);
  return causes;
}

bool may_come_from_trace(const CellResult& result) {
  const std::set<std::string_view> rules = rules_of(result);
  return rules.contains("device-branch") || rules.contains("baked-shape") ||
         rules.contains("baked-dtype");
}

}  // namespace crosstrace
