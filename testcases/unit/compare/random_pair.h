// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Pairs of tensors as no author of a test would think of them.
#pragma once

#include <ATen/ATen.h>
#include <crosstrace/compare/tolerance.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace crosstrace {

struct RandomPair {
  at::Tensor actual;
  at::Tensor expected;
  Tolerance tolerance{0, 0};

  std::string description() const {
    std::ostringstream text;
    text << actual.scalar_type() << ' ' << actual.sizes() << ", strides " << actual.strides()
         << " and " << expected.strides() << ", rtol " << tolerance.rtol() << ", atol "
         << tolerance.atol();
    return text.str();
  }
};

/// Draws them; the same of one seed.
class RandomPairs {
 public:
  explicit RandomPairs(std::uint64_t seed) : random_(seed) { at::manual_seed(seed); }

  RandomPair draw() {
    const auto dtype = kDtypes[below(kDtypes.size())];
    const auto shape = draw_shape();
    const at::Tensor expected = draw_expected(shape, dtype);
    at::Tensor actual = near(expected, dtype);
    if (c10::isFloatingType(dtype) || c10::isComplexType(dtype)) {
      actual = with_nonfinite(actual);
      const bool is_shared = one_in(2);
      return {lay_out(actual.to(dtype)),
              lay_out((is_shared ? shared_nonfinite(expected, actual) : with_nonfinite(expected))
                          .to(dtype)),
              draw_tolerance(dtype)};
    }
    return {lay_out(actual.to(dtype)), lay_out(expected.to(dtype)), draw_tolerance(dtype)};
  }

 private:
  static inline const std::vector<c10::ScalarType> kDtypes = {
      at::kFloat,         at::kFloat,       at::kDouble,        at::kHalf,         at::kBFloat16,
      at::kFloat8_e4m3fn, at::kFloat8_e5m2, at::kComplexDouble, at::kComplexFloat, at::kComplexHalf,
      at::kChar,          at::kShort,       at::kInt,           at::kLong,         at::kByte,
      at::kUInt16,        at::kUInt32,      at::kUInt64,        at::kBool};

  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }

  std::vector<std::int64_t> draw_shape() {
    static constexpr std::int64_t kSizes[] = {0,  1,  2,  7,   8,    15,   16,   17,   31,   33,
                                              63, 64, 65, 127, 2047, 2048, 2049, 4095, 4096, 4097};
    if (one_in(2))
      return {one_in(2) ? kSizes[below(std::size(kSizes))]
                        : static_cast<std::int64_t>(below(4098))};
    std::vector<std::int64_t> shape(below(5));
    std::int64_t room = 4097;
    for (auto& size : shape) {
      size = static_cast<std::int64_t>(below(std::min<std::int64_t>(room, 20)) + 1);
      room = std::max<std::int64_t>(room / size, 1);
    }
    return shape;
  }

  /// In double or complex double or, for integers, int64.
  at::Tensor draw_expected(const std::vector<std::int64_t>& shape, c10::ScalarType dtype) {
    if (dtype == at::kBool) return at::randint(0, 2, shape, at::kLong);
    if (c10::isIntegralType(dtype, false)) {
      const bool is_wide = c10::elementSize(dtype) == 8 && one_in(2);
      const std::int64_t end = is_wide ? std::int64_t{1} << 62 : 100;
      return at::randint(0, end, shape, at::kLong);
    }
    const auto wide = c10::isComplexType(dtype) ? at::kComplexDouble : at::kDouble;
    at::Tensor values = at::randn(shape, wide);
    if (one_in(4)) values = values * at::pow(10, at::randint(-30, 30, shape, at::kDouble));
    if (one_in(4)) values = at::where(at::rand(shape) < 0.5, values, at::zeros_like(values));
    return values;
  }

  at::Tensor near(const at::Tensor& expected, c10::ScalarType dtype) {
    if (one_in(8)) return expected.clone();
    const auto shape = expected.sizes();
    if (expected.scalar_type() == at::kLong) {
      const auto steps = at::randint(0, one_in(2) ? 2 : 20, shape, at::kLong);
      const at::Tensor moved = expected + steps * (at::rand(shape) < 0.2).to(at::kLong);
      return dtype == at::kBool ? moved.clamp_max(1) : moved;
    }
    const double scale = std::pow(10., -static_cast<double>(below(9)));
    const at::Tensor noise = at::randn_like(expected) * scale;
    const at::Tensor moved = one_in(2) ? expected * (noise + 1) : expected + noise;
    return one_in(2) ? moved : at::where(at::rand(shape) < 0.1, moved, expected);
  }

  at::Tensor with_nonfinite(const at::Tensor& values) {
    if (!one_in(3)) return values;
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    at::Tensor result = values.clone();
    for (const double special : {std::nan(""), kInfinity, -kInfinity}) {
      const double share = one_in(3) ? 0.2 : 0.001;
      result.masked_fill_(at::rand(values.sizes()) < share, special);
    }
    return result;
  }

  /// NaN and infinity where `other` has them: these match.
  at::Tensor shared_nonfinite(const at::Tensor& values, const at::Tensor& other) {
    return at::where(at::isfinite(other), values, other);
  }

  Tolerance draw_tolerance(c10::ScalarType dtype) {
    if (one_in(2)) return Tolerance::of(dtype);
    const auto draw = [&] { return one_in(3) ? 0 : std::pow(10., -static_cast<double>(below(8))); };
    const double rtol = draw();
    return {rtol, draw()};
  }

  /// The same elements in other places of memory.
  at::Tensor lay_out(const at::Tensor& tensor) {
    const auto dimensions = tensor.dim();
    switch (below(5)) {
      case 0:  // every second of a larger one
        if (dimensions == 0) return tensor;
        return at::stack({tensor, tensor}, -1).select(-1, 1);
      case 1: {  // transposed in memory
        if (dimensions < 2) return tensor;
        return tensor.transpose(0, -1).contiguous().transpose(0, -1);
      }
      case 2:
        if (dimensions != 4) return tensor;
        return tensor.contiguous(at::MemoryFormat::ChannelsLast);
      case 3: {  // at an address that no vector would like
        const at::Tensor flat = at::empty({tensor.numel() + 1}, tensor.options()).slice(0, 1);
        return flat.view(tensor.sizes()).copy_(tensor);
      }
      default:
        return tensor;
    }
  }

  std::mt19937_64 random_;
};

}  // namespace crosstrace
