// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/native/TypeProperties.h>
#include <crosstrace/operators/cuda_dtypes.h>

#include <initializer_list>
#include <iterator>

namespace crosstrace {
namespace {

using c10::ScalarType;

constexpr uint64_t set_of(std::initializer_list<ScalarType> types) {
  uint64_t set = 0;
  for (const ScalarType type : types) set |= uint64_t{1} << static_cast<unsigned>(type);
  return set;
}

constexpr uint64_t kLowPrecision = set_of({ScalarType::Half, ScalarType::BFloat16});
constexpr uint64_t kFloat8 = set_of({ScalarType::Float8_e5m2, ScalarType::Float8_e4m3fn,
                                     ScalarType::Float8_e5m2fnuz, ScalarType::Float8_e4m3fnuz});
constexpr uint64_t kIntegers = set_of({ScalarType::Byte, ScalarType::Char, ScalarType::Short,
                                       ScalarType::Int, ScalarType::Long, ScalarType::Bool});
constexpr uint64_t kComplex = set_of({ScalarType::ComplexFloat, ScalarType::ComplexDouble});

// From AT_DISPATCH_... in aten/src/ATen/native/cuda/: the file is given with each group.
constexpr DtypeRefusal kRefusals[] = {
    // UnaryComplexKernels.cu, UnaryGeometricKernels.cu, UnarySpecialOpsKernel.cu:
    // AT_DISPATCH_FLOATING_TYPES.
    {"angle.*", "angle_cuda", kLowPrecision},
    {"special_erfcx.*", "erfcx_cuda", kLowPrecision},
    {"special_log_ndtr.*", "log_ndtr_cuda", kLowPrecision},
    {"special_ndtri.*", "ndtri_cuda", kLowPrecision},
    // bessel_j0.cu and the files beside it.
    {"special_airy_ai.*", "airy_ai_cuda", kLowPrecision},
    {"special_bessel_j0.*", "bessel_j0_cuda", kLowPrecision},
    {"special_bessel_j1.*", "bessel_j1_cuda", kLowPrecision},
    {"special_bessel_y0.*", "bessel_y0_cuda", kLowPrecision},
    {"special_bessel_y1.*", "bessel_y1_cuda", kLowPrecision},
    {"special_modified_bessel_i0.*", "modified_bessel_i0_cuda", kLowPrecision},
    {"special_modified_bessel_i1.*", "modified_bessel_i1_cuda", kLowPrecision},
    {"special_modified_bessel_k0.*", "modified_bessel_k0_cuda", kLowPrecision},
    {"special_modified_bessel_k1.*", "modified_bessel_k1_cuda", kLowPrecision},
    {"special_scaled_modified_bessel_k0.*", "scaled_modified_bessel_k0_cuda", kLowPrecision},
    {"special_scaled_modified_bessel_k1.*", "scaled_modified_bessel_k1_cuda", kLowPrecision},
    {"special_spherical_bessel_j0.*", "spherical_bessel_j0_cuda", kLowPrecision},
    // chebyshev_polynomial_t.cu and the files beside it.
    {"special_chebyshev_polynomial_t.*", "chebyshev_polynomial_t_cuda", kLowPrecision},
    {"special_chebyshev_polynomial_u.*", "chebyshev_polynomial_u_cuda", kLowPrecision},
    {"special_chebyshev_polynomial_v.*", "chebyshev_polynomial_v_cuda", kLowPrecision},
    {"special_chebyshev_polynomial_w.*", "chebyshev_polynomial_w_cuda", kLowPrecision},
    {"special_hermite_polynomial_h.*", "hermite_polynomial_h_cuda", kLowPrecision},
    {"special_hermite_polynomial_he.*", "hermite_polynomial_he_cuda", kLowPrecision},
    {"special_laguerre_polynomial_l.*", "laguerre_polynomial_l_cuda", kLowPrecision},
    {"special_legendre_polynomial_p.*", "legendre_polynomial_p_cuda", kLowPrecision},
    {"special_shifted_chebyshev_polynomial_t.*", "shifted_chebyshev_polynomial_t_cuda",
     kLowPrecision},
    {"special_shifted_chebyshev_polynomial_u.*", "shifted_chebyshev_polynomial_u_cuda",
     kLowPrecision},
    {"special_shifted_chebyshev_polynomial_v.*", "shifted_chebyshev_polynomial_v_cuda",
     kLowPrecision},
    {"special_shifted_chebyshev_polynomial_w.*", "shifted_chebyshev_polynomial_w_cuda",
     kLowPrecision},
    // BinaryMiscOpsKernels.cu, IGammaKernel.cu, ComplexKernel.cu, DistanceKernel.cu, LossCTC.cu.
    {"special_zeta.*", "zeta_cuda", kLowPrecision},
    {"igamma.*", "igamma_cuda", kLowPrecision},
    {"igammac.*", "igammac_cuda", kLowPrecision},
    {"polar.*", "polar_cuda", set_of({ScalarType::Half})},
    // SummaryOps.cu; of Half it says "HalfTensor is not supported".
    {"histc.*", "histc", kLowPrecision},
    {"_cdist_forward.*", "cdist_cuda", kLowPrecision},
    {"_pdist_forward.*", "pdist_cuda", kLowPrecision},
    {"_ctc_loss.*", "ctc_loss_cuda", kLowPrecision},
    // linalg/BatchLinearAlgebra.cpp and linalg/BatchLinearAlgebraLib.cpp.
    {"cholesky_inverse.*", "cholesky_cuda_potri", kLowPrecision},
    {"_cholesky_solve_helper.*", "cholesky_cuda_potrs", kLowPrecision},
    {"linalg_cholesky_ex.*", "cholesky_cusolver", kLowPrecision},
    {"linalg_lu_factor_ex.*", "lu_factor_cusolver", kLowPrecision},
    {"linalg_lu.*", "lu_factor_cusolver", kLowPrecision},
    {"_linalg_det.*", "lu_factor_cusolver", kLowPrecision},
    {"_linalg_solve_ex.*", "lu_factor_cusolver", kLowPrecision},
    {"_linalg_eigh.*", "linalg_eigh_cuda", kLowPrecision},
    {"linalg_eig.*", "linalg_eig_cuda", kLowPrecision},
    {"_linalg_eigvals.*", "linalg_eig_cuda", kLowPrecision},
    {"_linalg_svd.*", "svd_cuda_gesvdjBatched", kLowPrecision},
    {"geqrf.*", "geqrf_cuda", kLowPrecision},
    {"linalg_qr.*", "geqrf_cuda", kLowPrecision},
    {"linalg_solve_triangular.*", "triangular_solve_cuda", kLowPrecision},
    {"triangular_solve.*", "triangular_solve_cuda", kLowPrecision},
    {"linalg_ldl_factor_ex.*", "ldl_factor_looped_cusolver", kLowPrecision},
    // What the CPU refuses too, under the name of another kernel: Blas.cpp, ReduceSumProdKernel.cu,
    // SoftMax.cu, ...
    {"mm.*", "addmm_cuda", kIntegers | kFloat8},
    {"addmm.*", "addmm_cuda", kIntegers | kFloat8},
    {"add.*", "ufunc_add_CUDA", kFloat8},
    {"add_.*", "ufunc_add_CUDA", kFloat8},
    {"sub.*", "ufunc_add_CUDA", kFloat8},
    {"sub_.*", "ufunc_add_CUDA", kFloat8},
    {"mul.*", "mul_cuda", kFloat8},
    {"mul_.*", "mul_cuda", kFloat8},
    {"div.Tensor", "div_true_cuda", kFloat8},
    {"div_.Tensor", "div_true_cuda", kFloat8},
    {"neg.*", "neg_cuda", kFloat8},
    {"abs.*", "abs_cuda", kFloat8},
    {"exp.*", "exp_cuda", kFloat8},
    {"sum.*", "sum_cuda", kFloat8},
    {"cumsum.*", "cumsum_cuda", kFloat8},
    {"mean.*", "mean_cuda", kFloat8},
    {"max", "max_all_cuda", kFloat8 | kComplex},
    {"sort.*", "sortKeyValueInplace", kFloat8},
    {"topk.*", "topk_out_cuda", kFloat8},
    {"nonzero.*", "nonzero_cuda", kFloat8},
    {"tril.*", "triu_tril_cuda_template", kFloat8},
    {"triu.*", "triu_tril_cuda_template", kFloat8},
    {"_softmax.*", "host_softmax", kIntegers | kComplex | kFloat8},
    {"_log_softmax.*", "host_softmax", kIntegers | kComplex | kFloat8},
};

bool covers(std::string_view operators, std::string_view name) {
  if (operators.substr(operators.size() - 2) != ".*") return operators == name;
  const std::string_view base = operators.substr(0, operators.size() - 2);
  return name.substr(0, name.find('.')) == base;
}

}  // namespace

const DtypeRefusal* find_dtype_refusal(std::string_view name) {
  for (const DtypeRefusal& refusal : kRefusals) {
    if (covers(refusal.operators, name)) return &refusal;
  }
  return nullptr;
}

void check_dtype(const DtypeRefusal& refusal, const c10::FunctionSchema& schema,
                 c10::ArrayRef<c10::IValue> arguments) {
  at::native::ResultTypeState state = {};
  bool any = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const c10::IValue& argument = arguments[i];
    if (schema.arguments()[i].is_out()) continue;
    if (!argument.isTensor() || !argument.toTensor().defined()) continue;
    state = at::native::update_result_type_state(argument.toTensor(), state);
    any = true;
  }
  if (!any) return;
  const ScalarType type = at::native::result_type(state);
  const bool refused = (refusal.refused >> static_cast<unsigned>(type) & 1U) != 0;
  TORCH_CHECK_NOT_IMPLEMENTED(!refused, '"', refusal.kernel, "\" not implemented for '",
                              c10::toString(type), "'");
}

}  // namespace crosstrace
