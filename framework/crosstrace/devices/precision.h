// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether float32 means float32: LibTorch's flags for TF32 and for sums in reduced precision.
///
///     const at::Tensor x = at::ones({8, 8});
///     {
///       const crosstrace::PrecisionScope strict(crosstrace::Precision::kStrict);
///       std::cout << x.matmul(x).sum().item<float>() << '\n';  // prints 512
///     }  // The flags are what they were.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace crosstrace {

/// What may become of float32 on the way through a convolution, a matrix product or an RNN.
enum class Precision {
  kStrict,      ///< Nothing: no TF32 (10 bits of mantissa), no sums in reduced precision, anywhere.
  kAsExported,  ///< What the export carries and LibTorch's flags say.
  kTf32,        ///< TF32 wherever CUDA has it. The CPU computes as if strict.
};

/// The words of the command line: `strict`, `as_exported`, `tf32`.
std::string_view to_string(Precision precision) noexcept;

/// @param where names the option or variable, for the message.
/// @throws std::invalid_argument if the word is none of the three.
Precision parse_precision(const std::string& word, const std::string& where);

/// Whether LibTorch's flags let CUDA run float32 in TF32 now. Operators that carry an `allow_tf32`
/// of their own do not ask.
struct Tf32Flags {
  bool convolution = false;
  bool rnn = false;
  bool matmul = false;
};
Tf32Flags tf32_flags();

/// Sets LibTorch's flags, which belong to the whole process, and gives them back as they were: each
/// backend and operation by itself, whether the user set them with LibTorch's old functions or
/// with the new ones. Scopes nest. Touches no device. Not for use by several threads at once.
class PrecisionScope {
 public:
  explicit PrecisionScope(Precision precision);
  ~PrecisionScope();
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

 private:
  struct Flags;
  std::unique_ptr<Flags> flags_;  ///< What to restore; null where nothing was changed.
};

}  // namespace crosstrace
