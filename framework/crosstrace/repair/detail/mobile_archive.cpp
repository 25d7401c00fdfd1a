// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/grad_mode.h>
#include <caffe2/serialize/inline_container.h>
#include <crosstrace/base/one_line.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/repair/detail/mobile_archive.h>
#include <torch/csrc/jit/mobile/import.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace crosstrace::detail {
namespace {

namespace mobile = torch::jit::mobile;
using File = caffe2::serialize::ReadAdapterInterface;

/// The lite interpreter wants a file for itself; an archive's is shared.
class SharedFile : public File {
 public:
  explicit SharedFile(std::shared_ptr<File> file) : file_(std::move(file)) {}

  size_t size() const override { return file_->size(); }

  size_t read(uint64_t at, void* bytes, size_t size, const char* what) const override {
    return file_->read(at, bytes, size, what);
  }

 private:
  std::shared_ptr<File> file_;
};

mobile::Module load(const Archive& archive) {
  return torch::jit::_load_for_mobile(std::make_unique<SharedFile>(archive.file()), c10::kCPU);
}

struct Call {
  std::string method;
  std::size_t set;
  InputGenerator inputs;

  std::string where() const {
    const std::string of_method = method == "forward" ? "" : " of " + method;
    return " input set " + std::to_string(set + 1) + of_method;
  }
};

std::vector<Call> all_of(const ProofCalls& calls) {
  std::vector<Call> all;
  const auto add = [&](const std::string& method, const std::vector<InputGenerator>& sets) {
    for (std::size_t set = 0; set < sets.size(); ++set) all.push_back({method, set, sets[set]});
  };
  add("forward", calls.inputs);
  for (const auto& [method, sets] : calls.method_inputs) add(method, sets);
  return all;
}

c10::IValue answer(mobile::Module& module, const Call& call, std::uint64_t seed) {
  const at::NoGradGuard no_grad;
  seed_generators(seed);
  Inputs inputs = call.inputs();
  seed_generators(seed);
  return module.get_method(call.method)(std::move(inputs));
}

}  // namespace

Bytecode bytecode_in(const Archive& archive) {
  caffe2::serialize::PyTorchStreamReader reader(archive.file());
  return {reader.hasRecord("bytecode.pkl"), reader.hasRecord("mobile_debug_handles.pkl")};
}

std::string why_not_mobile(const Archive& original, const Archive& changed,
                           const ProofCalls& calls) {
  std::optional<mobile::Module> before, after;
  if (const auto failure = guarded([&] { after = load(changed); })) {
    return "the lite interpreter cannot read the repaired archive: " + first_line(failure->message);
  }
  (void)guarded([&] { before = load(original); });
  if (!before) return {};
  for (const Call& call : all_of(calls)) {
    c10::IValue expected, found;
    if (guarded([&] { expected = answer(*before, call, calls.seed); })) continue;
    if (const auto failure = guarded([&] { found = answer(*after, call, calls.seed); })) {
      return "the bytecode of the repaired archive fails with" + call.where() + ": " +
             first_line(failure->message);
    }
    if (!bitwise_equal(found, expected)) {
      return "the bytecode of the repaired archive does not answer as before to the last bit with" +
             call.where();
    }
  }
  return {};
}

}  // namespace crosstrace::detail
