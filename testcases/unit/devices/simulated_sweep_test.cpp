// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Hundreds of operators on sim:0 and sim:1 against the CPU's answers. Each case is one TorchScript
// expression; results and arguments (for what is done in place) must agree in value, dtype, sizes,
// strides, offset and in which of them share memory.

#include <ATen/EmptyTensor.h>
#include <ATen/record_function.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/devices/simulated/simulated_device.h>
#include <cuda_rules/expressions.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <cstring>
#include <set>
#include <sstream>

namespace crosstrace {
namespace {

constexpr const char* kCases[] = {
#include "simulated_sweep_cases.inc"
};

/// The operators of LibTorch that ran while the object lives, those that move arguments to a device
/// and results from it not counted.
class OperatorLog {
 public:
  OperatorLog() {
    names_.clear();
    handle_ = at::addThreadLocalCallback(
        at::RecordFunctionCallback([](const at::RecordFunction& function)
                                       -> std::unique_ptr<at::ObserverContext> {
          const auto name = function.operator_name();
          if (name && running_) names_.insert(c10::toString(*name));
          return nullptr;
        }).scopes({at::RecordScope::FUNCTION}));
  }
  ~OperatorLog() { at::removeCallback(handle_); }
  OperatorLog(const OperatorLog&) = delete;
  OperatorLog& operator=(const OperatorLog&) = delete;

  static const std::set<std::string>& names() { return names_; }
  static void count(bool running) { running_ = running; }

 private:
  static inline std::set<std::string> names_;
  static inline bool running_ = false;
  at::CallbackHandle handle_;
};

torch::jit::Stack make_arguments(c10::Device device) {
  torch::jit::Stack stack;
  for (size_t i = 0; i < cuda_rules::argument_names().size(); ++i) {
    stack.emplace_back(cuda_rules::place_argument(i, cuda_rules::argument_value(i), device));
  }
  return stack;
}

void collect(const c10::IValue& value, std::vector<at::Tensor>& tensors, std::ostream& others) {
  if (value.isTensor()) {
    tensors.push_back(value.toTensor());
  } else if (value.isList()) {
    for (const c10::IValue& item : value.toListRef()) collect(item, tensors, others);
  } else if (value.isTuple()) {
    for (const c10::IValue& item : value.toTupleRef().elements()) collect(item, tensors, others);
  } else {
    others << value << ';';
  }
}

/// What one call leaves behind: its results, then its arguments; and results that are not tensors,
/// as text.
struct Outcome {
  std::vector<at::Tensor> tensors;
  std::string others;
  std::string error;
};

Outcome run(torch::jit::CompilationUnit& unit, const std::string& name, c10::Device device) {
  torch::jit::Stack arguments = make_arguments(device);
  Outcome outcome;
  std::ostringstream others;
  try {
    at::manual_seed(11);
    OperatorLog::count(true);
    collect(unit.get_function(name)(arguments), outcome.tensors, others);
  } catch (const std::exception& error) {
    outcome.error = error.what();
  }
  OperatorLog::count(false);
  for (const c10::IValue& argument : arguments) collect(argument, outcome.tensors, others);
  outcome.others = others.str();
  return outcome;
}

bool same_bytes(const at::Tensor& expected, const at::Tensor& actual) {
  const at::Tensor left = expected.resolve_conj().resolve_neg().contiguous();
  const at::Tensor right = actual.resolve_conj().resolve_neg().contiguous();
  return left.nbytes() == 0 || std::memcmp(left.data_ptr(), right.data_ptr(), left.nbytes()) == 0;
}

size_t needed_bytes(const at::Tensor& tensor) {
  return at::detail::computeStorageNbytes(tensor.sizes(), tensor.strides(), tensor.element_size(),
                                          static_cast<size_t>(tensor.storage_offset()));
}

/// Empty if `actual` is what `expected` is, on `device`; else the difference.
std::string difference(const at::Tensor& expected, const at::Tensor& actual, c10::Device device,
                       bool rounding) {
  if (expected.defined() != actual.defined()) return "one is undefined";
  if (!expected.defined()) return "";
  if (actual.device() != device) return c10::str("is on ", actual.device());
  if (actual.scalar_type() != expected.scalar_type()) return c10::str("is ", actual.scalar_type());
  if (actual.sizes() != expected.sizes()) return c10::str("has sizes ", actual.sizes());
  if (actual.strides() != expected.strides()) return c10::str("has strides ", actual.strides());
  if (actual.storage_offset() != expected.storage_offset()) return "has another storage offset";
  if (actual.storage().nbytes() < needed_bytes(actual)) return "has too little memory";
  const at::Tensor values = actual.cpu();
  if (rounding ? !at::allclose(expected, values, 1e-5, 1e-6, true)
               : !same_bytes(expected, values)) {
    return c10::str("has other values:\n", values, "\nexpected:\n", expected);
  }
  return "";
}

/// Which pairs of tensors share memory, as text.
std::string sharing(const std::vector<at::Tensor>& tensors) {
  std::string text;
  for (size_t i = 0; i < tensors.size(); ++i) {
    for (size_t j = i + 1; j < tensors.size(); ++j) {
      if (!tensors[i].defined() || !tensors[j].defined()) continue;
      if (tensors[i].is_same(tensors[j])) text += c10::str(i, "=", j, " ");
      if (tensors[i].is_alias_of(tensors[j])) text += c10::str(i, "~", j, " ");
    }
  }
  return text;
}

/// LAPACK's last bits follow where its workspace lies in memory, on the CPU alone too: one run is
/// not the next bit for bit.
bool calls_lapack(const std::string& text) {
  for (const char* name : {"linalg_", "cholesky", "lstsq", "qr(", "svd", "lu_", "inverse", "geqrf",
                           "orgqr", "ormqr", "det(", "triangular_solve"}) {
    if (text.find(name) != std::string::npos) return true;
  }
  return false;
}

void expect_same(const Outcome& expected, const Outcome& actual, c10::Device device,
                 bool rounding) {
  EXPECT_EQ(actual.error, "");
  if (!actual.error.empty()) return;
  ASSERT_EQ(actual.tensors.size(), expected.tensors.size());
  for (size_t i = 0; i < expected.tensors.size(); ++i) {
    EXPECT_EQ(difference(expected.tensors[i], actual.tensors[i], device, rounding), "")
        << "tensor " << i;
  }
  EXPECT_EQ(sharing(actual.tensors), sharing(expected.tensors));
  EXPECT_EQ(actual.others, expected.others);
}

class SimulatedSweep : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(install_simulated_device(), "");
    torch::jit::setGraphExecutorOptimize(false);
  }
  void TearDown() override { torch::jit::setGraphExecutorOptimize(true); }

  const PrecisionScope strict_{Precision::kStrict};
};

std::shared_ptr<torch::jit::CompilationUnit> compile(const std::string& body) {
  return cuda_rules::compile(body, cuda_rules::argument_names());
}

/// What a case says, and whether its answer may be rounded otherwise. `~` before a call is the mark
/// for that; before an argument it is an operator.
struct Case {
  explicit Case(const std::string& text)
      : expression(text.rfind("~torch", 0) == 0 ? text.substr(1) : text),
        rounding(expression != text || calls_lapack(text)) {}

  std::string expression;
  bool rounding;
};

/// Runs a case on the CPU and on both simulated devices. Returns the operators that ran.
std::set<std::string> sweep(const Case& each) {
  SCOPED_TRACE(each.expression);
  std::shared_ptr<torch::jit::CompilationUnit> unit;
  EXPECT_NO_THROW(unit = compile(cuda_rules::body_of(each.expression)));
  if (!unit) return {};
  const Outcome expected = run(*unit, "f", c10::kCPU);
  EXPECT_EQ(expected.error, "") << "the case itself is wrong";
  const OperatorLog log;
  for (const char* name : {"sim:0", "sim:1"}) {
    SCOPED_TRACE(name);
    const c10::Device device(name);
    const Outcome actual = run(*unit, "f", device);
    expect_same(expected, actual, device, each.rounding);
  }
  const std::set<std::string> operators = log.names();
  EXPECT_FALSE(operators.empty()) << "the case calls no operator";
  return operators;
}

TEST_F(SimulatedSweep, GivesTheCpusAnswers) {
  const c10::NoGradGuard no_grad;
  std::set<std::string> operators;
  for (const char* text : kCases) operators.merge(sweep(Case(text)));
  std::cout << std::size(kCases) << " expressions, " << operators.size() << " operators\n";
  EXPECT_GE(operators.size(), 600u);
}

TEST_F(SimulatedSweep, FailsACaseThatCallsNoOperator) {
  EXPECT_NONFATAL_FAILURE(sweep(Case("1 + 1")), "the case calls no operator");
}

/// A dtype that CUDA has no kernel for; cuda_rules_test.py holds those against CUDA's answers.
bool as_cuda_refuses(const std::string& error) {
  return error.find("_cuda\" not implemented for") != std::string::npos;
}

TEST_F(SimulatedSweep, TakesAndRefusesTheCpusDtypes) {
  const c10::NoGradGuard no_grad;
  size_t accepted = 0;
  for (const std::string& expression : cuda_rules::dtype_expressions()) {
    for (const std::string& dtype : cuda_rules::dtype_names()) {
      SCOPED_TRACE(expression + " with " + dtype);
      const auto unit = compile(cuda_rules::body_with_dtype(expression, dtype));
      const Outcome expected = run(*unit, "f", c10::kCPU);
      const Outcome actual = run(*unit, "f", c10::Device("sim:1"));
      if (as_cuda_refuses(actual.error)) continue;
      if (expected.error.empty()) {
        expect_same(expected, actual, c10::Device("sim:1"), false);
        ++accepted;
      } else {
        EXPECT_NE(actual.error, "") << "the CPU says: " << expected.error;
      }
    }
  }
  EXPECT_GE(accepted, 250u);
}

}  // namespace
}  // namespace crosstrace
