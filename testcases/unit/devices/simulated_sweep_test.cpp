// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Hundreds of operators on sim:0 and sim:1 against the CPU's answers. Each case is one TorchScript
// expression; results and arguments (for what is done in place) must agree in value, dtype, sizes,
// strides, offset and in which of them share memory.

#include <ATen/EmptyTensor.h>
#include <ATen/record_function.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/simulated/simulated_device.h>
#include <gtest/gtest.h>
#include <torch/jit.h>
#include <torch/script.h>

#include <cstring>
#include <map>
#include <mutex>
#include <regex>
#include <set>
#include <sstream>

namespace crosstrace {
namespace {

constexpr const char* kCases[] = {
#include "simulated_sweep_cases.inc"
};

constexpr const char* kSignature =
    "(a: Tensor, b: Tensor, v: Tensor, s: Tensor, t: Tensor, n: Tensor, k: Tensor, i: Tensor, m: "
    "Tensor, c: Tensor, "
    "z: Tensor, e: Tensor, x1: Tensor, x2: Tensor, x3: Tensor)";

/// Operators of LibTorch that ran with a simulated tensor or device, collected while the object
/// lives.
class OperatorLog {
 public:
  OperatorLog() {
    handle_ = at::addGlobalCallback(
        at::RecordFunctionCallback([](const at::RecordFunction& function)
                                       -> std::unique_ptr<at::ObserverContext> {
          const auto name = function.operator_name();
          const std::lock_guard lock(mutex());
          if (name) names().insert(c10::toString(*name));
          return nullptr;
        }).scopes({at::RecordScope::FUNCTION}));
  }
  ~OperatorLog() { at::removeCallback(handle_); }
  OperatorLog(const OperatorLog&) = delete;
  OperatorLog& operator=(const OperatorLog&) = delete;

  static std::set<std::string>& names() {
    static auto* names = new std::set<std::string>;
    return *names;
  }

 private:
  static std::mutex& mutex() {
    static auto* mutex = new std::mutex;
    return *mutex;
  }
  at::CallbackHandle handle_;
};

torch::jit::Stack make_arguments(c10::Device device) {
  torch::manual_seed(7);
  const auto uniform = [](c10::IntArrayRef size) { return torch::rand(size) * 0.8 + 0.1; };
  const at::Tensor a = uniform({3, 4});
  const at::Tensor root = uniform({4, 4});
  const at::Tensor square = root.mm(root.t()) + torch::eye(4);
  const at::Tensor transposed = uniform({3, 4});
  torch::jit::Stack stack{a,
                          uniform({3, 4}),
                          uniform({4}),
                          square,
                          transposed,
                          torch::randint(1, 9, {3, 4}),
                          torch::randint(1, 9, {3, 4}),
                          torch::tensor({2, 0, 1}),
                          torch::rand({3, 4}) > 0.5,
                          torch::complex(uniform({3, 4}), uniform({3, 4})),
                          torch::tensor(1.5f),
                          torch::empty({0, 4}),
                          uniform({2, 3, 8}),
                          uniform({2, 3, 8, 8}),
                          uniform({1, 2, 4, 4, 4})};
  for (c10::IValue& value : stack) value = value.toTensor().to(device, false, /*copy=*/true);
  stack[4] = stack[4].toTensor().t();  // after the move, so that it is a view everywhere
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
    torch::manual_seed(11);
    collect(unit.get_function(name)(arguments), outcome.tensors, others);
  } catch (const std::exception& error) {
    outcome.error = error.what();
  }
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
  if (rounding ? !torch::allclose(expected, values, 1e-5, 1e-6, true)
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
};

/// TorchScript without Python knows dtypes and memory formats by number only.
const std::map<std::string, int>& named_numbers() {
  static const auto* numbers = [] {
    auto* map = new std::map<std::string, int>{
        {"torch.channels_last", static_cast<int>(c10::MemoryFormat::ChannelsLast)}};
    for (const auto& [name, dtype] : c10::getStringToDtypeMap()) {
      map->emplace("torch." + name, static_cast<int>(dtype));
    }
    return map;
  }();
  return *numbers;
}

/// Replaces `torch.float16` by its number, wherever it stands as a value and not as a call.
std::string with_numbers(std::string text) {
  static const std::regex word(R"(torch\.[a-z][a-z0-9_]*(?![a-z0-9_(]))");
  std::string result;
  std::smatch match;
  while (std::regex_search(text, match, word)) {
    const auto found = named_numbers().find(match.str());
    result += match.prefix();
    result += found == named_numbers().end() ? match.str() : std::to_string(found->second);
    text = match.suffix();
  }
  return result + text;
}

std::shared_ptr<torch::jit::CompilationUnit> compile(const std::string& body) {
  return torch::jit::compile(c10::str("def f", kSignature, ":\n", with_numbers(body), "\n"));
}

TEST_F(SimulatedSweep, GivesTheCpusAnswers) {
  const torch::NoGradGuard no_grad;
  size_t cases = 0;
  for (const std::string text : kCases) {
    const bool marked = text[0] == '~';
    const bool rounding = marked || calls_lapack(text);
    SCOPED_TRACE(text);
    std::shared_ptr<torch::jit::CompilationUnit> unit;
    EXPECT_NO_THROW(unit = compile("    return " + text.substr(marked ? 1 : 0)));
    if (!unit) continue;
    const Outcome expected = run(*unit, "f", c10::kCPU);
    EXPECT_EQ(expected.error, "") << "the case itself is wrong";
    for (const char* name : {"sim:0", "sim:1"}) {
      SCOPED_TRACE(name);
      const c10::Device device(name);
      const OperatorLog log;
      expect_same(expected, run(*unit, "f", device), device, rounding);
    }
    ++cases;
  }
  std::cout << cases << " expressions, " << OperatorLog::names().size() << " operators\n";
  EXPECT_GE(OperatorLog::names().size(), 600u);
}

/// Operators that take most dtypes; `%` stands for the tensor. Where the CPU refuses a dtype, so
/// must the simulation.
constexpr const char* kDtypeCases[] = {"% + %",
                                       "% * 2",
                                       "% - %",
                                       "% / %",
                                       "torch.neg(%)",
                                       "torch.abs(%)",
                                       "% == %",
                                       "torch.sum(%)",
                                       "torch.cumsum(%, 0)",
                                       "torch.sort(%)",
                                       "torch.cat([%, %])",
                                       "torch.where(m, %, %)",
                                       "%.clone()",
                                       "%.t()",
                                       "%[i]",
                                       "torch.masked_select(%, m)",
                                       "torch.index_select(%, 0, i)",
                                       "%.fill_(1)",
                                       "%.zero_()",
                                       "torch.matmul(%, %.t())",
                                       "torch.exp(%)",
                                       "torch.mean(%)",
                                       "torch.max(%)",
                                       "%.add_(%)",
                                       "torch.softmax(%, 1)",
                                       "torch.nonzero(%)",
                                       "%.to(torch.float32)",
                                       "torch.flip(%, [0])",
                                       "torch.topk(%, 1)",
                                       "torch.tril(%)",
                                       "%.item() if %.numel() == 1 else %[0, 0].item()"};
constexpr const char* kDtypes[] = {
    "uint8",    "int8",    "int16",   "int32",     "int64",      "bool",          "float16",
    "bfloat16", "float32", "float64", "complex64", "complex128", "float8_e4m3fn", "float8_e5m2"};

std::string with_dtype(std::string expression, const std::string& dtype) {
  for (size_t at = expression.find('%'); at != std::string::npos; at = expression.find('%')) {
    expression.replace(at, 1, "d");
  }
  return c10::str("    d = (a * 4).to(torch.", dtype, ")\n    return ", expression);
}

TEST_F(SimulatedSweep, TakesAndRefusesTheCpusDtypes) {
  const torch::NoGradGuard no_grad;
  size_t accepted = 0;
  for (const std::string expression : kDtypeCases) {
    for (const char* dtype : kDtypes) {
      SCOPED_TRACE(expression + " with " + dtype);
      const auto unit = compile(with_dtype(expression, dtype));
      const Outcome expected = run(*unit, "f", c10::kCPU);
      const Outcome actual = run(*unit, "f", c10::Device("sim:1"));
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
