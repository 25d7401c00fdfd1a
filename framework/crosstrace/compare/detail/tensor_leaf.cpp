// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/detail/format.h>
#include <crosstrace/compare/detail/leaf.h>
#include <crosstrace/compare/detail/parts.h>

#include <sstream>

namespace crosstrace::detail {
namespace {

template <class T>
std::string text_of(const T& value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

/// Fills in the leaf of one pair of tensors; a step that finds a difference ends the comparison.
class TensorComparison {
 public:
  TensorComparison(const at::Tensor& actual, const at::Tensor& expected, const std::string& path,
                   const CompareOptions& options, std::vector<LeafComparison>& leaves)
      : actual_(actual), expected_(expected), options_(options), leaves_(leaves) {
    leaf_.path = path;
    leaf_.dtype = c10::toString(actual.scalar_type());
    leaf_.device = actual.device().str();
    if (actual.is_nested()) return;  // it has no one shape
    leaf_.shape = actual.sizes().vec();
    leaf_.total = actual.numel();
  }

  void run() {
    if (!is_refused() && !differs_in_layout() && !differs_in_shape() && !differs_in_dtype()) {
      compare_parts();
    }
    const bool is_told_by_parts = leaf_.message.empty() && leaf_.difference != Difference::kNone;
    if (is_told_by_parts) return;
    check_device(leaf_);
    leaves_.push_back(std::move(leaf_));
  }

 private:
  std::string where() const {
    return leaf_.dtype + " " + format_shape(leaf_.shape) + " on " + leaf_.device;
  }

  bool differ(Difference difference, const std::string& what) {
    set_difference(leaf_, difference, what);
    return true;
  }

  bool is_refused() {
    if (actual_.is_nested() || expected_.is_nested()) {
      return differ(Difference::kStructure,
                    "nested tensors cannot be compared; return a list of tensors instead");
    }
    if (actual_.is_meta() || expected_.is_meta()) {
      return differ(Difference::kStructure,
                    "a tensor on the meta device holds no values to compare");
    }
    return false;
  }

  bool differs_in_layout() {
    if (actual_.layout() == expected_.layout()) return false;
    return differ(Difference::kStructure, "layout " + text_of(actual_.layout()) + ", expected " +
                                              text_of(expected_.layout()) + " (" + where() + ")");
  }

  bool differs_in_shape() {
    if (actual_.sizes() == expected_.sizes()) return false;
    return differ(Difference::kShape, "shape " + format_shape(actual_.sizes()) + ", expected " +
                                          format_shape(expected_.sizes()) + " (" + leaf_.dtype +
                                          " on " + leaf_.device + ")");
  }

  bool differs_in_dtype() {
    if (actual_.scalar_type() != expected_.scalar_type()) {
      return differ(Difference::kDtype, "dtype " + leaf_.dtype + ", expected " +
                                            c10::toString(expected_.scalar_type()) + " (" +
                                            format_shape(leaf_.shape) + " on " + leaf_.device +
                                            ")");
    }
    if (!actual_.is_quantized() || actual_.qscheme() == expected_.qscheme()) return false;
    return differ(Difference::kDtype, "quantized " + c10::toString(actual_.qscheme()) +
                                          ", expected " + c10::toString(expected_.qscheme()) +
                                          " (" + where() + ")");
  }

  Tolerance tolerance() const {
    return options_.tolerance.value_or(Tolerance::of(expected_.scalar_type()));
  }

  void compare_parts() {
    const auto own = elements_of(actual_), wanted = elements_of(expected_);
    if (own && wanted) {
      return compare_elements(
          leaf_, *own, *wanted, tolerance(), [this] { return where(); }, options_);
    }
    const auto actual = parts_of(actual_), expected = parts_of(expected_);
    if (actual.empty()) {
      differ(Difference::kStructure,
             "tensors of layout " + text_of(actual_.layout()) + " cannot be compared");
    }
    for (std::size_t i = 0; i < actual.size() && leaf_.difference == Difference::kNone; ++i) {
      compare_part(actual[i], expected[i]);
    }
  }

  void compare_part(const Part& actual, const Part& expected) {
    if (actual.name.empty()) {
      return compare_elements(
          leaf_, actual.tensor, expected.tensor, tolerance(), [this] { return where(); }, options_);
    }
    CompareOptions options{.tolerance = actual.is_exact ? Tolerance(0, 0) : tolerance()};
    options.name = options_.name;
    if (!actual_.is_quantized()) options.evidence = options_.evidence;
    std::vector<LeafComparison> part;
    compare_tensors(actual.tensor, expected.tensor, leaf_.path + "." + actual.name + "()", options,
                    part);
    part[0].device = leaf_.device;
    leaf_.difference = part[0].difference;
    leaf_.max_abs = part[0].max_abs;
    leaf_.max_rel = part[0].max_rel;
    if (part[0].evidence) leaf_.evidence = part[0].evidence;
    if (leaf_.difference == Difference::kNone) return;
    check_device(part[0]);
    leaves_.push_back(std::move(part[0]));
  }

  void check_device(LeafComparison& leaf) const {
    if (!options_.device || is_on(actual_.device(), *options_.device)) return;
    const auto found = "on " + leaf.device + ", expected " + options_.device->str();
    if (leaf.difference != Difference::kNone) {
      leaf.message += "\n  also on the wrong device: " + found;
      return;
    }
    set_difference(
        leaf, Difference::kDevice,
        found + "; its values are right (" + leaf.dtype + " " + format_shape(leaf.shape) + ")");
  }

  const at::Tensor& actual_;
  const at::Tensor& expected_;
  const CompareOptions& options_;
  std::vector<LeafComparison>& leaves_;
  LeafComparison leaf_;
};

}  // namespace

void compare_tensors(const at::Tensor& actual, const at::Tensor& expected, const std::string& path,
                     const CompareOptions& options, std::vector<LeafComparison>& leaves) {
  TensorComparison(actual, expected, path, options, leaves).run();
}

}  // namespace crosstrace::detail
