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
                                "no kernel", "no CUDA kernel", "kernel image"});
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

/// The sentence of a missing kernel speaks of devices too: it says which one has it.
bool refused_devices(const CellResult& result) {
  const std::string line = first_line(result.message);
  return result.verdict == Verdict::kError && is_about_devices(line) && !is_about_kernels(line);
}

/// A prediction speaks of devices; a cell that failed otherwise did not fail of what it names.
/// @returns the causes of what came true of it, of a "may" too, whatever was surer; null if nothing.
const std::vector<std::string>* came_true(const Prediction& prediction, const CellResult& result) {
  const bool died = refused_devices(result) || result.verdict == Verdict::kCrashed;
  if (!died && result.verdict != Verdict::kWrongDevice) return nullptr;
  const auto causes =
      prediction.causes_by_verdict.find(died ? Verdict::kError : Verdict::kWrongDevice);
  return causes == prediction.causes_by_verdict.end() ? nullptr : &causes->second;
}

/// What the prediction names of those of `rule`.
std::set<std::string_view> causes_in(const Prediction& prediction, const Diagnosis& diagnosis,
                                     std::string_view rule) {
  std::set<std::string_view> causes;
  for (const Finding& finding : diagnosis.findings) {
    const auto& all = prediction.causes;
    const bool is_named = std::find(all.begin(), all.end(), finding.id) != all.end();
    if (is_named && finding.rule == rule) causes.insert(finding.id);
  }
  return causes;
}

/// What a script raises is in its author's words, which tell nobody that a device was the reason;
/// but a branch that was to raise here did.
std::set<std::string_view> predicted_causes(const CellResult& result, const Diagnosis& diagnosis) {
  const auto found = diagnosis.predictions.find({result.id.transfer, result.id.run_device});
  if (found == diagnosis.predictions.end()) return {};
  const Prediction& prediction = found->second;
  if (result.raised) {
    auto branches = causes_in(prediction, diagnosis, "device-branch");
    if (!branches.empty()) return branches;
  }
  if (const auto* causes = came_true(prediction, result)) return {causes->begin(), causes->end()};
  // An operator refused devices that diagnosis did not see, so an object hides them.
  if (!refused_devices(result)) return {};
  return {prediction.suspects.begin(), prediction.suspects.end()};
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
  const std::set<std::string_view> predicted = predicted_causes(result, diagnosis);
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
