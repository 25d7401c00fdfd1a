// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Asks one device every call of calls.h, and writes what it answers: two lines of JSON a call on
// standard output, the call before it is made and the answer after. Whoever reads them knows by the
// last line of what this process died, and starts it again behind that call. rules.py does so.
//
//   record_cuda_rules --devices          the version of LibTorch, and which devices can be asked
//   record_cuda_rules DEVICE I/N SKIP    calls of every N-th expression, from the I-th on, without
//   the first SKIP calls
//
// Exit: 0 all was asked; 2 bad usage, or no such device; 3 the device was lost in the last call.

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <crosstrace/devices/discovery.h>
#include <cuda_rules/answer.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/version.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

namespace crosstrace::cuda_rules {
namespace {

using nlohmann::json;

constexpr unsigned kSecondsPerCall = 60;

void write(const json& line) {
  std::cout << line.dump(-1, ' ', false, json::error_handler_t::replace) << '\n' << std::flush;
}

json describe(const Answer& answer) {
  json line{{"ok", answer.error.empty()}, {"operators", answer.operators}};
  if (!answer.error.empty()) {
    line["error"] = answer.error;
    line["while_waiting"] = answer.while_waiting;
  }
  if (!answer.lost.empty()) line["lost"] = answer.lost;
  if (!answer.other_values.empty()) line["other_values"] = answer.other_values;
  for (const at::Tensor& tensor : answer.results) {
    line["devices"].push_back(tensor.defined() ? tensor.device().str() : "none");
    line["dtypes"].push_back(tensor.defined() ? c10::toString(tensor.scalar_type()) : "none");
    line["sizes"].push_back(tensor.defined() ? tensor.sizes().vec() : std::vector<int64_t>());
  }
  return line;
}

int list_devices() {
  json devices = json::object();
  for (const DeviceInfo& info : probe_devices({"cpu", "cuda:0", "sim:0"})) {
    devices[info.name] = info.state == DeviceState::kAvailable ? "" : info.reason;
  }
  write({{"torch", TORCH_VERSION}, {"devices", devices}});
  return 0;
}

/// Lets a test see this process die, or lose its device, in the call of this number.
bool is_asked(const char* variable, size_t number) {
  const char* wanted = std::getenv(variable);
  return wanted != nullptr && std::stoul(wanted) == number;
}

int record(const std::string& name, size_t shard, size_t shards, size_t skip) {
  for (const DeviceInfo& info : probe_devices({name})) {
    if (info.state == DeviceState::kAvailable) continue;
    std::cerr << "record_cuda_rules: " << name << ": " << info.reason << '\n';
    return 2;
  }
  const c10::Device device = to_device(name);
  const c10::NoGradGuard no_grad;
  torch::jit::setGraphExecutorOptimize(false);
  at::set_num_threads(1);
  Asker asker(device);
  std::string expression;
  size_t expressions = 0;
  size_t number = 0;
  for (const Call& call : list_calls(!device.is_cpu())) {
    if (call.expression != expression) ++expressions;
    expression = call.expression;
    if (expressions % shards != shard || number++ < skip) continue;
    write({{"expr", call.expression}, {"mode", name_of(call.mode)}, {"arg", call.argument_name()}});
    alarm(kSecondsPerCall);
    if (is_asked("RECORD_CUDA_RULES_CRASH", number)) std::raise(SIGSEGV);
    Answer answer = asker.ask(call);
    alarm(0);
    if (is_asked("RECORD_CUDA_RULES_LOSE", number)) answer.error = answer.lost = "on purpose";
    write(describe(answer));
    if (!answer.lost.empty()) return 3;
  }
  return 0;
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 1 && words[0] == "--devices") return list_devices();
  const size_t slash = words.size() == 3 ? words[1].find('/') : std::string::npos;
  if (slash == std::string::npos) {
    std::cerr << "usage: record_cuda_rules --devices | DEVICE I/N SKIP\n";
    return 2;
  }
  return record(words[0], std::stoul(words[1]), std::stoul(words[1].substr(slash + 1)),
                std::stoul(words[2]));
}

}  // namespace
}  // namespace crosstrace::cuda_rules

int main(int count, char** words) {
  int code = 2;
  try {
    code = crosstrace::cuda_rules::run({words + 1, words + count});
  } catch (const std::exception& error) {
    std::cerr << "record_cuda_rules: " << error.what() << '\n';
  }
  std::cout.flush();
  std::cerr.flush();
  _exit(code);  // The ordinary way out of a process whose CUDA context is lost ends in an abort.
}
