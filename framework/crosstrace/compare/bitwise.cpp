// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/compare/detail/parts.h>
#include <crosstrace/compare/detail/value.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace crosstrace {
namespace {

using detail::Kind;

bool same_bytes(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes() || a.scalar_type() != b.scalar_type()) return false;
  if (a.numel() == 0) return true;
  const auto dense_a = a.contiguous(), dense_b = b.contiguous();
  return std::memcmp(dense_a.const_data_ptr(), dense_b.const_data_ptr(), dense_a.nbytes()) == 0;
}

bool same_description(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type() && a.layout() == b.layout() &&
         a.device() == b.device() && (!a.is_quantized() || a.qscheme() == b.qscheme());
}

/// Where they are: bringing them here would take many times as long.
bool same_bytes_on_cuda(const at::Tensor& a, const at::Tensor& b) {
  const auto bytes = [](const at::Tensor& tensor) {
    const at::Tensor dense = tensor.resolve_conj().resolve_neg().contiguous();
    return dense.as_strided({dense.numel()}, {1}).view(at::kByte);
  };
  return at::equal(bytes(a), bytes(b));
}

bool can_be_read(const at::Tensor& tensor) { return !tensor.is_nested() && !tensor.is_meta(); }

bool same_tensor(const at::Tensor& a, const at::Tensor& b) {
  if (a.is_same(b)) return true;
  if (!can_be_read(a) || !can_be_read(b) || !same_description(a, b)) return false;
  if (a.is_cuda() && a.layout() == at::kStrided && !a.is_quantized()) {
    return same_bytes_on_cuda(a, b);
  }
  const auto a_parts = detail::parts_of(a), b_parts = detail::parts_of(b);
  return !a_parts.empty() &&
         std::equal(a_parts.begin(), a_parts.end(), b_parts.begin(),
                    [](const auto& x, const auto& y) { return same_bytes(x.tensor, y.tensor); });
}

bool same_double(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

bool same_complex(c10::complex<double> a, c10::complex<double> b) {
  return same_double(a.real(), b.real()) && same_double(a.imag(), b.imag());
}

bool same_children(const c10::IValue& a, const c10::IValue& b) {
  const auto a_children = detail::children_of(a), b_children = detail::children_of(b);
  return a_children.size() == b_children.size() &&
         std::equal(a_children.begin(), a_children.end(), b_children.begin(),
                    [](const auto& x, const auto& y) {
                      return x.first == y.first && bitwise_equal(x.second, y.second);
                    });
}

}  // namespace

bool bitwise_equal(const c10::IValue& a, const c10::IValue& b) {
  const c10::NoGradGuard no_grad;
  const Kind kind = detail::kind_of(a);
  if (kind != detail::kind_of(b)) return false;
  switch (kind) {
    case Kind::kTensor:
      return same_tensor(a.toTensor(), b.toTensor());
    case Kind::kTuple:
    case Kind::kList:
    case Kind::kDict:
    case Kind::kObject:
      return same_children(a, b);
    case Kind::kNumbers:
      return same_bytes(detail::numbers_tensor(a), detail::numbers_tensor(b));
    case Kind::kNone:
      return true;
    case Kind::kInt:
      return a.toInt() == b.toInt();
    case Kind::kFloat:
      return same_double(a.toDouble(), b.toDouble());
    case Kind::kComplex:
      return same_complex(a.toComplexDouble(), b.toComplexDouble());
    case Kind::kBool:
      return a.toBool() == b.toBool();
    case Kind::kString:
      return a.toStringRef() == b.toStringRef();
    case Kind::kDevice:
      return a.toDevice() == b.toDevice();
    case Kind::kEnum:
      return a.toEnumHolder()->name() == b.toEnumHolder()->name();
    case Kind::kOpaque:
      break;
  }
  return a.isSameIdentity(b);
}

}  // namespace crosstrace
