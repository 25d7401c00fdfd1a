// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/tolerance.h>

#include <cmath>
#include <sstream>
#include <stdexcept>

namespace crosstrace {
namespace {

double checked(const char* name, double value) {
  if (std::isfinite(value) && value >= 0) return value;
  std::ostringstream message;
  message << "Tolerance: " << name << " must be a finite number of at least 0, got " << value;
  throw std::invalid_argument(message.str());
}

}  // namespace

Tolerance::Tolerance(double rtol, double atol)
    : rtol_(checked("rtol", rtol)), atol_(checked("atol", atol)) {}

// The table of torch.testing, torch/testing/_comparison.py. A dtype that it does not list, float8
// for one, is exact.
Tolerance Tolerance::of(c10::ScalarType dtype) {
  using enum c10::ScalarType;
  switch (dtype) {
    case Half:
    case ComplexHalf:
      return {1e-3, 1e-5};
    case BFloat16:
      return {1.6e-2, 1e-5};
    case Double:
    case ComplexDouble:
      return {1e-7, 1e-7};
    case Float:
    case ComplexFloat:
    case QInt8:
    case QUInt8:
    case QInt32:
    case QUInt4x2:
    case QUInt2x4:
      return {1.3e-6, 1e-5};
    default:
      return {0, 0};
  }
}

}  // namespace crosstrace
