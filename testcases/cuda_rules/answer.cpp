// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <cuda_rules/answer.h>
#include <cuda_rules/expressions.h>
#include <unit/devices/simulated_strictness_cases.h>

#include <regex>
#include <sstream>

namespace crosstrace::cuda_rules {
namespace {

/// The operators of this thread since the log was made.
class OperatorLog {
 public:
  OperatorLog()
      : handle_(at::addThreadLocalCallback(
            at::RecordFunctionCallback(&note).scopes({at::RecordScope::FUNCTION}))) {
    names().clear();
  }
  ~OperatorLog() { at::removeCallback(handle_); }
  OperatorLog(const OperatorLog&) = delete;
  OperatorLog& operator=(const OperatorLog&) = delete;

  static std::vector<std::string>& names() {
    thread_local std::vector<std::string> names;
    return names;
  }

 private:
  static std::unique_ptr<at::ObserverContext> note(const at::RecordFunction& function) {
    if (const auto name = function.operator_name()) names().push_back(c10::toString(*name));
    return nullptr;
  }

  at::CallbackHandle handle_;
};

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

/// The message under TorchScript's own stack trace.
std::string first_line(std::string text) {
  const std::string here = "<--- HERE\n";
  if (const size_t at = text.rfind(here); at != std::string::npos) {
    text = text.substr(at + here.size());
    static const std::regex kind(R"((^|\n)[A-Za-z_.]*(Error|Exception): )");
    std::smatch match;
    if (std::regex_search(text, match, kind)) {
      text = text.substr(static_cast<size_t>(match.position()));
    }
  }
  text.erase(0, text.find_first_not_of("\n "));
  text = text.substr(0, text.find('\n')).substr(0, 200);
  return text.empty() ? "(no message)" : text;
}

/// Numbers drawn at random are another device's own.
bool draws(const std::string& text) {
  for (const char* word : {"torch.rand", "bernoulli", "cauchy", "exponential", "geometric",
                           "log_normal", "torch.normal", ".normal_", "uniform_", ".random_",
                           "multinomial", "torch.poisson(", "torch.binomial(", "_standard_gamma",
                           "_dirichlet", "dropout(", "training=True", "dropout_p="}) {
    if (text.find(word) != std::string::npos) return true;
  }
  return false;
}

std::string difference(const at::Tensor& expected, const at::Tensor& actual) {
  if (expected.defined() != actual.defined()) return "one is undefined";
  if (!expected.defined()) return "";
  const auto type = expected.scalar_type();
  if (type != actual.scalar_type()) return c10::str("dtype ", actual.scalar_type());
  if (expected.sizes() != actual.sizes()) return c10::str("sizes ", actual.sizes());
  const auto wide = [](const at::Tensor& tensor) {
    return tensor.detach().cpu().to(tensor.is_complex() ? at::kComplexDouble : at::kDouble);
  };
  const double tolerance = type == at::kHalf ? 1e-2 : type == at::kBFloat16 ? 5e-2 : 1e-3;
  const at::Tensor left = wide(expected);
  const at::Tensor right = wide(actual);
  if (left.numel() == 0 || at::allclose(right, left, tolerance, tolerance / 10, true)) return "";
  const at::Tensor gap = at::nan_to_num((left - right).abs(), 9e99).max();
  return c10::str("values by ", gap.item<double>());
}

std::string difference(const std::vector<at::Tensor>& expected,
                       const std::vector<at::Tensor>& actual, const char* what) {
  if (expected.size() != actual.size()) return c10::str("number of ", what, "s");
  for (size_t i = 0; i < expected.size(); ++i) {
    const std::string text = difference(expected[i], actual[i]);
    if (!text.empty()) return c10::str(what, " ", i, ": ", text);
  }
  return "";
}

torch::jit::Stack make_arguments(const Call& call, c10::Device device) {
  const bool one_on_device = call.mode == Mode::kOneDev || call.mode == Mode::kZeroDev;
  const bool zero_dim = call.mode == Mode::kZeroCpu || call.mode == Mode::kZeroDev;
  const c10::Device rest = one_on_device ? c10::Device(c10::kCPU) : device;
  const c10::Device one = one_on_device ? device : c10::Device(c10::kCPU);
  const auto elsewhere = [&](size_t argument) {
    at::Tensor value = argument_value(argument);
    if (zero_dim) value = value.numel() > 0 ? value.flatten()[0] : at::zeros({}, value.options());
    return place_argument(argument, value, one);
  };
  torch::jit::Stack stack;
  for (size_t i = 0; i < argument_names().size(); ++i) {
    at::Tensor value = argument_value(i);
    if (call.mode == Mode::kCast && value.scalar_type() == at::kFloat) {
      value = value.to(c10::getStringToDtypeMap().at(call.dtype));
    }
    const bool here = call.mixes_devices() && call.place == 0 && i == call.argument;
    stack.emplace_back(here ? elsewhere(i) : place_argument(i, value, rest));
  }
  stack.emplace_back(call.place > 0 ? elsewhere(call.argument) : at::zeros({1}));
  return stack;
}

}  // namespace

Asker::Asker(c10::Device device) : device_(device) {}

void Asker::compile(const Call& call) {
  const std::string body = call.body();
  if (code_ && body == body_) return;
  code_ = nullptr;
  references_.clear();
  std::vector<std::string> names = argument_names();
  names.emplace_back("elsewhere");
  code_ = cuda_rules::compile(body, call.mode == Mode::kStrict ? strict_argument_names() : names);
  body_ = body;
}

Asker::Raw Asker::run(const Call& call, bool all_on_cpu) {
  const c10::Device device = all_on_cpu ? c10::Device(c10::kCPU) : device_;
  torch::jit::Stack stack =
      call.mode == Mode::kStrict ? strict_arguments(device, device) : make_arguments(call, device);
  Raw raw;
  std::ostringstream others;
  try {
    at::manual_seed(11);
    collect(code_->get_function("f")(stack), raw.results, others);
  } catch (const std::exception& error) {
    raw.error = first_line(error.what());
  }
  for (const c10::IValue& argument : stack) raw.arguments.push_back(argument.toTensor());
  raw.others = others.str();
  return raw;
}

const Asker::Raw& Asker::reference(const Call& call) {
  const bool zero_dim = call.mode == Mode::kZeroCpu || call.mode == Mode::kZeroDev;
  const std::string key =
      call.mode == Mode::kStrict ? "" : (zero_dim ? "0" : "") + call.argument_name();
  const auto found = references_.find(key);
  return found != references_.end() ? found->second
                                    : references_.emplace(key, run(call, true)).first->second;
}

std::string Asker::find_lost() const {
  try {
    const at::Tensor sum = at::ones({2}, at::TensorOptions().device(device_)).add(1).cpu();
    return sum.equal(at::full({2}, 2.0)) ? "" : "1 + 1 is not 2";
  } catch (const std::exception& error) {
    return first_line(error.what());
  }
}

Answer Asker::ask(const Call& call) {
  Answer answer;
  try {
    compile(call);
  } catch (const std::exception& error) {
    answer.error = "does not compile: " + first_line(error.what());
    return answer;
  }
  const Raw& expected = reference(call);
  const OperatorLog log;
  const Raw raw = run(call, false);
  answer.operators = OperatorLog::names();
  answer.error = raw.error;
  answer.results = raw.results;
  try {
    if (!device_.is_cpu()) {
      c10::impl::getDeviceGuardImpl(device_.type())->synchronizeDevice(device_.index());
    }
    if (raw.error.empty() && expected.error.empty() && !draws(call.expression)) {
      answer.other_values = difference(expected.results, raw.results, "result");
      if (answer.other_values.empty())
        answer.other_values = difference(expected.arguments, raw.arguments, "argument");
      if (expected.others != raw.others) answer.other_values = "answer " + raw.others.substr(0, 60);
    }
  } catch (const std::exception& error) {
    answer.while_waiting = answer.error.empty();
    if (answer.error.empty()) answer.error = first_line(error.what());
  }
  if (device_.is_cuda() && !answer.error.empty()) answer.lost = find_lost();
  return answer;
}

}  // namespace crosstrace::cuda_rules
