// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/base/autograd.h>
#include <crosstrace/base/call_method.h>
#include <crosstrace/base/tensors_in.h>
#include <crosstrace/base/with_none.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/compare/trust.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/devices/on_cpu.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/export/buffers.h>
#include <crosstrace/export/export.h>
#include <crosstrace/export/kept_tensors.h>
#include <crosstrace/matrix/blindness.h>
#include <crosstrace/matrix/reference.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

namespace crosstrace {
namespace {

/// Makes what is called for a reference, afresh each time.
using MakeModel = std::function<EagerModel()>;

/// What forward wrote into an argument on another device is to be seen in the one that was moved.
void bring_back(const c10::IValue& moved, const c10::IValue& input) {
  std::vector<at::Tensor> written;
  visit_tensors(moved, [&](const at::Tensor& tensor) { written.push_back(tensor); });
  std::size_t next = 0;
  visit_tensors(input, [&](const at::Tensor& tensor) {
    if (next == written.size()) return;
    const at::Tensor& source = written[next++];
    if (!source.is_same(tensor) && source.sizes() == tensor.sizes()) tensor.copy_(source);
  });
}

/// The archive at home, called with values on the CPU, and answering with such.
EagerModel archive_at_home(const PlacedExport& archive, const std::string& method,
                           c10::Device device) {
  auto module = std::make_shared<torch::jit::Module>(archive.copy(Precision::kStrict));
  return {nullptr,
          [module, method, device](const Inputs& inputs) {
            Inputs moved;
            for (const c10::IValue& input : inputs) moved.push_back(move_value(input, device));
            const c10::IValue answer = call_method(*module, method, moved);
            for (std::size_t i = 0; i < inputs.size(); ++i) bring_back(moved[i], inputs[i]);
            return move_answer(answer, device, c10::kCPU);
          },
          [module] { return buffers_of(*module); }};
}

using Buffers = std::map<std::string, at::Tensor>;

Buffers eager_buffers(const EagerModel& eager) {
  if (eager.module) return buffers_of(*eager.module);
  return eager.buffers ? eager.buffers() : Buffers{};
}

Buffers copies_of(Buffers buffers) {
  for (auto& [path, buffer] : buffers) {
    if (buffer.defined()) buffer = buffer.to(at::kCPU, buffer.scalar_type(), false, /*copy=*/true);
  }
  return buffers;
}

/// With `inputs`, into which forward may write.
c10::IValue call(const EagerModel& eager, const Inputs& inputs, std::uint64_t seed) {
  seed_generators(seed);
  return with_none(detached(eager.forward(inputs)))
      .deepcopy();  // A model may return its own state.
}

/// Adds the answers of `runs` calls, and what they wrote; kept apart only if they differ, as those
/// of a model with state do.
/// @param buffers as they were before the first call of all.
void call_repeatedly(const EagerModel& eager, const Inputs& inputs, const Buffers& buffers,
                     const RunOptions& options, Reference& reference) {
  const Writable before = writable(inputs, buffers);
  LeftBehind earlier = reference.left.empty() ? LeftBehind{} : reference.left.back().back();
  std::vector<c10::IValue>& outputs = reference.outputs.emplace_back();
  std::vector<LeftBehind>& left = reference.left.emplace_back();
  for (int i = 0; i < options.runs; ++i) {
    const Inputs copies = copy_values(inputs);
    c10::IValue output = call(eager, copies, options.seed);
    const bool repeats = !outputs.empty() && bitwise_equal(output, outputs.front());
    outputs.push_back(repeats ? outputs.front() : std::move(output));
    earlier = left_behind(before, writable(copies, eager_buffers(eager)), earlier);
    left.push_back(earlier);
  }
}

/// A set may be vacuous (an empty batch) as long as another is not.
std::string why_all_untrusted(const std::vector<std::vector<c10::IValue>>& outputs) {
  std::string why;
  for (const auto& set : outputs) {
    const std::string why_set = why_untrusted(set.front());
    if (why_set.empty()) return "";
    if (why.empty()) why = why_set;
  }
  return why;
}

/// Whether a call changes what later ones answer, as far as several calls show that.
bool may_have_state(const Reference& reference, int runs) {
  const auto was_written = [](const LeftBehind& left) {
    return std::any_of(left.begin(), left.end(),
                       [](const auto& item) { return item.second.written; });
  };
  for (std::size_t set = 0; set < reference.outputs.size(); ++set) {
    const auto& outputs = reference.outputs[set];
    const auto& left = reference.left[set];
    const bool repeats = std::all_of(outputs.begin(), outputs.end(), [&](const auto& output) {
      return bitwise_equal(output, outputs.front());
    });
    if (!repeats || std::any_of(left.begin(), left.end(), was_written)) return true;
  }
  return runs < 2;
}

void call_for_reference(const Model& model, const ReferenceSource& source, const MakeModel& make,
                        const RunOptions& options, Reference& reference) {
  reference.outputs.clear();
  reference.left.clear();
  const EagerModel eager = make();
  const Buffers buffers = copies_of(eager_buffers(eager));
  for (std::size_t set = 0; set < model.inputs.size(); ++set) {
    call_repeatedly(eager, source.inputs(set), buffers, options, reference);
  }
  reference.untrusted = why_all_untrusted(reference.outputs);
  if (!reference.untrusted.empty()) return;
  const auto full =
      std::find_if(reference.outputs.begin(), reference.outputs.end(),
                   [](const auto& set) { return why_untrusted(set.front()).empty(); });
  const auto set = static_cast<std::size_t>(full - reference.outputs.begin());
  const BlindnessProbe probe{set, options.seed, source.inputs(set)};
  const bool has_state = may_have_state(reference, options.runs);
  reference.untrusted = why_blind(model, probe, full->front(), [&](const Inputs& inputs) {
    return call(has_state ? make() : eager, copy_values(inputs), options.seed);
  });
}

void fill(const Model& model, const ReferenceSource& source, const MakeModel& make,
          const RunOptions& options, Reference& reference) {
  // What is right does not depend on what is allowed.
  const PrecisionScope scope(Precision::kStrict);
  if (options.expected) {
    reference.outputs.emplace_back(options.runs, *options.expected);
    reference.untrusted = why_all_untrusted(reference.outputs);
    return;
  }
  without_autograd_if_possible(
      [&] { call_for_reference(model, source, make, options, reference); });
}

}  // namespace

Reference eager_reference(const Model& model, const ReferenceSource& source,
                          const std::vector<at::Tensor>& captured, const RunOptions& options) {
  Reference reference;
  reference.failure = guarded([&] {
    KeptTensors kept;
    for (const at::Tensor& tensor : captured) kept.keep(tensor);
    fill(
        model, source, [&] { return make_eager(model, options.seed); }, options, reference);
  });
  return reference;
}

Reference archive_reference(const Model& model, const ReferenceSource& source,
                            const StandIns& stand_ins, const RunOptions& options) {
  std::optional<Reference> first;
  for (const ArchiveHome& home : homes_here(*model.archive, stand_ins)) {
    Reference reference;
    reference.home = home;
    reference.failure = guarded([&] {
      const std::shared_ptr<const PlacedExport> archive = source.archive(home);
      const auto make = [&] {
        return archive_at_home(*archive, model.method, to_device(home.device));
      };
      fill(model, source, make, options, reference);
    });
    if (!reference.failure) return reference;
    if (!first) first = std::move(reference);
  }
  return std::move(*first);
}

}  // namespace crosstrace
