// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Context.h>
#include <crosstrace/devices/precision.h>

#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace crosstrace {
namespace {

using at::CuBLASReductionOption;
using at::Float32Backend;
using at::Float32MatmulPrecision;
using at::Float32Op;
using at::Float32Precision;

/// LibTorch's settings for float32. A getter answers what an operation inherits if nothing is set
/// for it: from its backend (`ALL`), then from `GENERIC`.
class Float32Settings {
 public:
  explicit Float32Settings(Float32Precision cuda) {
    put(Float32Backend::GENERIC, Float32Op::ALL, Float32Precision::NONE);
    const auto legacy = legacy_matmul_precision();
    const std::pair<Float32Backend, Float32Precision> wanted[] = {
        {Float32Backend::CUDA, cuda}, {Float32Backend::MKLDNN, Float32Precision::IEEE}};
    for (const auto& [backend, precision] : wanted) {
      // Without anything to inherit, getters answer what is set.
      put(backend, Float32Op::ALL, Float32Precision::NONE);
      put(backend, Float32Op::MATMUL, precision);
    }
    if (legacy) keep_legacy_in_step(*legacy, cuda);
    for (const auto& [backend, precision] : wanted) set_all(backend, precision);
  }

  ~Float32Settings() {
    if (legacy_matmul_) at::globalContext().setFloat32MatmulPrecision(name_of(*legacy_matmul_));
    for (auto saved = saved_.rbegin(); saved != saved_.rend(); ++saved) {
      at::globalContext().setFloat32Precision(saved->backend, saved->op, saved->precision);
    }
  }

  Float32Settings(const Float32Settings&) = delete;
  Float32Settings& operator=(const Float32Settings&) = delete;

 private:
  struct Setting {
    Float32Backend backend;
    Float32Op op;
    Float32Precision precision;
  };

  void put(Float32Backend backend, Float32Op op, Float32Precision precision) {
    saved_.push_back({backend, op, at::globalContext().float32Precision(backend, op)});
    at::globalContext().setFloat32Precision(backend, op, precision);
  }

  /// Convolution and RNN of CUDA are set to TF32 in LibTorch 2.11 and to DEFAULT in 2.15, which no
  /// setter takes (Float32Precision of ATen/Context.h): it inherits, and is TF32 where there is
  /// nothing to inherit. So the backend is
  /// set, and an operation only if it does not inherit.
  void set_all(Float32Backend backend, Float32Precision precision) {
    put(backend, Float32Op::ALL, precision);
    at::globalContext().setFloat32Precision(backend, Float32Op::MATMUL, precision);
    for (const Float32Op op : {Float32Op::CONV, Float32Op::RNN}) {
      if (at::globalContext().float32Precision(backend, op) != precision) {
        put(backend, op, precision);
      }
    }
  }

  /// Libraries of operators ask the old function, which throws where it and the new settings
  /// disagree (float32MatmulPrecision of aten/src/ATen/Context.cpp).
  void keep_legacy_in_step(Float32MatmulPrecision legacy, Float32Precision cuda) {
    legacy_matmul_ = legacy;
    at::globalContext().setFloat32MatmulPrecision(cuda == Float32Precision::TF32 ? "high"
                                                                                 : "highest");
  }

  /// None if the user mixed old functions and new ones, so that they disagree already.
  static std::optional<Float32MatmulPrecision> legacy_matmul_precision() {
    try {
      return at::globalContext().float32MatmulPrecision();
    } catch (const c10::Error&) {
      return std::nullopt;
    }
  }

  static const char* name_of(Float32MatmulPrecision precision) {
    switch (precision) {
      case Float32MatmulPrecision::HIGHEST:
        return "highest";
      case Float32MatmulPrecision::HIGH:
        return "high";
      case Float32MatmulPrecision::MEDIUM:
        return "medium";
    }
    return "highest";
  }

  std::vector<Setting> saved_;
  std::optional<Float32MatmulPrecision> legacy_matmul_;
};

/// Sums of half and bfloat16 products that are not kept in float32. cuBLAS's two settings are
/// touched only where reduced sums are allowed: of the two ways to forbid them (split-K or not,
/// CuBLASReductionOption of ATen/Context.h) the user's would be lost.
class ReducedSums {
 public:
  ReducedSums() {
    at::Context& context = at::globalContext();
    if (allows(half_)) context.setAllowFP16ReductionCuBLAS(false);
    if (allows(bfloat16_)) context.setAllowBF16ReductionCuBLAS(false);
    context.setAllowFP16AccumulationCuBLAS(false);
    context.setAllowFP16BF16ReductionMathSDP(false);
    if (half_on_cpu_) context.setAllowFP16ReductionCPU(false);
  }

  ~ReducedSums() {
    at::Context& context = at::globalContext();
    if (allows(half_)) context.setAllowFP16ReductionCuBLAS(true);
    if (allows(bfloat16_)) context.setAllowBF16ReductionCuBLAS(true);
    context.setAllowFP16AccumulationCuBLAS(half_accumulation_);
    context.setAllowFP16BF16ReductionMathSDP(attention_);
    if (half_on_cpu_) context.setAllowFP16ReductionCPU(true);
  }

  ReducedSums(const ReducedSums&) = delete;
  ReducedSums& operator=(const ReducedSums&) = delete;

 private:
  static bool allows(CuBLASReductionOption option) {
    return option == CuBLASReductionOption::AllowReducedPrecisionWithSplitK;
  }

  const CuBLASReductionOption half_ = at::globalContext().allowFP16ReductionCuBLAS();
  const CuBLASReductionOption bfloat16_ = at::globalContext().allowBF16ReductionCuBLAS();
  const bool half_accumulation_ = at::globalContext().allowFP16AccumulationCuBLAS();
  const bool attention_ = at::globalContext().allowFP16BF16ReductionMathSDP();
  const bool half_on_cpu_ = at::globalContext().allowFP16ReductionCPU();
};

/// TF32 of oneDNN on Intel's GPUs, off. A LibTorch without them warns when it is set
/// (setAllowTF32OneDNN of aten/src/ATen/Context.cpp), so it is only set where it was on.
class NoOneDnnTf32 {
 public:
  NoOneDnnTf32() {
    if (was_on_) at::globalContext().setAllowTF32OneDNN(false);
  }
  ~NoOneDnnTf32() {
    if (was_on_) at::globalContext().setAllowTF32OneDNN(true);
  }
  NoOneDnnTf32(const NoOneDnnTf32&) = delete;
  NoOneDnnTf32& operator=(const NoOneDnnTf32&) = delete;

 private:
  const bool was_on_ = at::globalContext().allowTF32OneDNN();
};

}  // namespace

struct PrecisionScope::Flags {
  explicit Flags(Precision precision)
      : float32(precision == Precision::kTf32 ? Float32Precision::TF32 : Float32Precision::IEEE) {
    if (precision != Precision::kStrict) return;
    sums.emplace();
    onednn.emplace();
  }

  Float32Settings float32;
  std::optional<ReducedSums> sums;
  std::optional<NoOneDnnTf32> onednn;
};

PrecisionScope::PrecisionScope(Precision precision)
    : flags_(precision == Precision::kAsExported ? nullptr : std::make_unique<Flags>(precision)) {}

PrecisionScope::~PrecisionScope() = default;

Tf32Flags tf32_flags() {
  const auto allows = [](Float32Op op) {
    return at::globalContext().float32Precision(Float32Backend::CUDA, op) == Float32Precision::TF32;
  };
  return {allows(Float32Op::CONV), allows(Float32Op::RNN), allows(Float32Op::MATMUL)};
}

std::string_view to_string(Precision precision) noexcept {
  switch (precision) {
    case Precision::kStrict:
      return "strict";
    case Precision::kAsExported:
      return "as_exported";
    case Precision::kTf32:
      return "tf32";
  }
  return "strict";
}

Precision parse_precision(const std::string& word, const std::string& where) {
  for (const Precision precision : {Precision::kStrict, Precision::kAsExported, Precision::kTf32}) {
    if (word == to_string(precision)) return precision;
  }
  throw std::invalid_argument(where + ": '" + word +
                              "' is no precision; write strict, as_exported or tf32");
}

}  // namespace crosstrace
