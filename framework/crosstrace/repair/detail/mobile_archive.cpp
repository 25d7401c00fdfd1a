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

#include <memory>
#include <optional>

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

c10::IValue answer(mobile::Module& module, const ProofCalls& calls, std::size_t set) {
  const at::NoGradGuard no_grad;
  seed_generators(calls.seed);
  Inputs inputs = calls.inputs[set]();
  seed_generators(calls.seed);
  return module.forward(std::move(inputs));
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
  for (std::size_t set = 0; before && set < calls.inputs.size(); ++set) {
    c10::IValue expected, found;
    if (guarded([&] { expected = answer(*before, calls, set); })) continue;
    const std::string where = " input set " + std::to_string(set + 1);
    if (const auto failure = guarded([&] { found = answer(*after, calls, set); })) {
      return "the bytecode of the repaired archive fails with" + where + ": " +
             first_line(failure->message);
    }
    if (!bitwise_equal(found, expected)) {
      return "the bytecode of the repaired archive does not answer as before to the last bit with" +
             where;
    }
  }
  return {};
}

}  // namespace crosstrace::detail
