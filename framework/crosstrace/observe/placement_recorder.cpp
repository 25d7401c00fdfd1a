// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <ATen/record_function.h>
#include <crosstrace/graph/source.h>
#include <crosstrace/observe/placement_recorder.h>
#include <torch/csrc/jit/runtime/interpreter.h>

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <string_view>
#include <tuple>
#include <utility>

namespace crosstrace {
namespace {

/// Operators that are there to move data; a copy inside any other was not asked for.
bool is_transfer(std::string_view name) {
  static constexpr std::array kNames = {"aten::to", "aten::_to_copy", "aten::copy_",
                                        "aten::type_as", "aten::_copy_from"};
  for (const char* known : kNames) {
    if (name == known) return true;
  }
  return false;
}

/// CUDA moves a CPU index to its tensor, by a copy inside; the simulated device reads it where it
/// is.
bool moves_indices(std::string_view name) {
  return name.starts_with("aten::index") || name.starts_with("aten::_index_put") ||
         name.starts_with("aten::_unsafe_index");
}

/// Also a list of optional tensors, which is how indices come.
template <class Visit>
void for_each_tensor(const c10::IValue& value, const Visit& visit) {
  if (value.isTensor()) {
    if (value.toTensor().defined()) visit(value.toTensor());
  } else if (value.isList()) {
    for (const c10::IValue& item : value.toListRef()) {
      if (item.isTensor()) for_each_tensor(item, visit);
    }
  }
}

/// The line of the author's that TorchScript is at.
std::optional<SourceLocation> current_line() {
  std::vector<torch::jit::SourceRange> ranges;
  for (const torch::jit::StackEntry& entry : torch::jit::currentCallstack()) {
    ranges.push_back(entry.range);
  }
  return source_of(ranges).line;
}

/// One call of the export's own, while it runs.
struct Call : at::ObserverContext {
  std::string name;
  bool transfer = false;
  std::optional<c10::Device> scalar;    ///< Of a tensor of 0 dims.
  std::optional<c10::Device> from;      ///< Of the first argument of more than 0 dims.
  std::optional<c10::Device> to;        ///< Of the first result of more than 0 dims.
  std::optional<c10::Device> stranger;  ///< Of an argument that is not on `from`'s device.
  bool home = false;                    ///< A tensor of more than 0 dims is on the run device.
  bool copied = false;                  ///< A copy inside was seen.
  const c10::TensorImpl* first = nullptr;
  const c10::TensorImpl* result = nullptr;
};

// Of the call that this thread is in: how deep, and the outermost one.
thread_local int t_depth = 0;
thread_local Call* t_call = nullptr;

// A plain pointer, because LibTorch's callbacks carry nothing.
std::atomic<PlacementRecorder::Record*> g_record{nullptr};

}  // namespace

class PlacementRecorder::Record {
 public:
  explicit Record(c10::Device run_device) : run_device_(run_device) {}

  void add_argument(Call& call, const at::Tensor& tensor) const {
    if (call.first == nullptr) call.first = tensor.unsafeGetTensorImpl();
    add_tensor(call, tensor, call.from);
    if (tensor.dim() > 0 && tensor.device() != *call.from) call.stranger = tensor.device();
  }

  void add_result(Call& call, const at::Tensor& tensor) const {
    call.result = tensor.unsafeGetTensorImpl();
    add_tensor(call, tensor, call.to);
  }

  /// A copy between devices somewhere inside `call`.
  void add_copy_inside(Call& call, c10::Device from, c10::Device to) {
    call.copied = true;
    if (!call.transfer) count_copy(call.name, from, to);
  }

  void finish(const Call& call) {
    if (call.transfer) {
      finish_transfer(call);
    } else if (moves_indices(call.name) && call.stranger && !call.copied) {
      count_copy(call.name, *call.stranger, run_device_);
    }
    count(call);
    last_ = call.name == "aten::empty" ? call.result : nullptr;
  }

  PlacementProof proof() const {
    PlacementProof proof;
    proof.run_device = run_device_.str();
    for (const auto& [key, placement] : operators_) proof.operators.push_back(placement);
    for (const auto& [key, copy] : copies_) proof.copies.push_back(copy);
    return proof;
  }

 private:
  void add_tensor(Call& call, const at::Tensor& tensor, std::optional<c10::Device>& sized) const {
    if (tensor.dim() == 0) {
      if (!call.scalar) call.scalar = tensor.device();
      return;
    }
    if (!sized) sized = tensor.device();
    call.home = call.home || tensor.device() == run_device_;
  }

  /// `copy_` writes into its first argument, all others make a result.
  void finish_transfer(const Call& call) {
    const bool in_place = call.name == "aten::copy_";
    const auto& from = in_place ? call.stranger : call.from;
    const auto& to = in_place ? call.from : call.to;
    if (!from || !to || *from == *to) return;
    count_copy("", *from, *to);
    if (last_ == call.first) forget_literal(*from);
  }

  /// TorchScript's tensor literals are made on the CPU by hand, then moved (createTensorFromList of
  /// torch/csrc/jit/runtime/register_special_ops.cpp): what the observer sees of them is an
  /// `aten::empty` that nobody wrote.
  void forget_literal(c10::Device device) {
    const std::lock_guard lock(mutex_);
    const auto found = operators_.find({"aten::empty", device.str()});
    if (found == operators_.end()) return;
    --found->second.calls;
    --found->second.sized_calls;
    if (found->second.calls == 0) operators_.erase(found);
  }

  void count(const Call& call) {
    const bool sized = call.from || call.to;
    if (!sized && !call.scalar) return;  // An operator on numbers alone.
    const c10::Device device = call.home   ? run_device_
                               : call.to   ? *call.to
                               : call.from ? *call.from
                                           : *call.scalar;
    const std::lock_guard lock(mutex_);
    OperatorPlacement& placement = operators_[{call.name, device.str()}];
    if (placement.calls == 0) {
      placement.name = call.name;
      placement.device = device.str();
    }
    ++placement.calls;
    if (sized) ++placement.sized_calls;
    if (sized && device != run_device_ && !placement.source) placement.source = current_line();
  }

  void count_copy(const std::string& inside, c10::Device from, c10::Device to) {
    const std::lock_guard lock(mutex_);
    CopyPlacement& copy = copies_[{inside, from.str(), to.str()}];
    if (copy.calls++ > 0) return;
    copy.inside = inside;
    copy.from = from.str();
    copy.to = to.str();
    copy.source = current_line();
  }

  c10::Device run_device_;
  std::mutex mutex_;  // Forked TorchScript runs on other threads.
  std::map<std::pair<std::string, std::string>, OperatorPlacement> operators_;
  std::map<std::tuple<std::string, std::string, std::string>, CopyPlacement> copies_;
  std::atomic<const c10::TensorImpl*> last_{nullptr};  // What the last `aten::empty` made.
};

namespace {

std::unique_ptr<at::ObserverContext> begin_call(const at::RecordFunction& function) {
  PlacementRecorder::Record* record = g_record;
  if (record == nullptr || t_depth++ > 0) return nullptr;
  auto call = std::make_unique<Call>();
  call->name = function.name();
  call->transfer = is_transfer(call->name);
  for (const c10::IValue& input : function.inputs()) {
    for_each_tensor(input, [&](const at::Tensor& tensor) { record->add_argument(*call, tensor); });
  }
  t_call = call.get();
  return call;
}

/// Inside a call of the export's only copies between devices matter; `aten::copy_` is what all
/// others come down to.
void look_inside(PlacementRecorder::Record& record, const at::RecordFunction& function) {
  if (t_call == nullptr || std::string_view(function.name()) != "aten::copy_") return;
  const auto inputs = function.inputs();
  if (inputs.size() < 2 || !inputs[0].isTensor() || !inputs[1].isTensor()) return;
  const at::Tensor& to = inputs[0].toTensor();
  const at::Tensor& from = inputs[1].toTensor();
  if (!to.defined() || !from.defined() || from.dim() == 0 || from.device() == to.device()) return;
  record.add_copy_inside(*t_call, from.device(), to.device());
}

std::unique_ptr<at::ObserverContext> on_begin(const at::RecordFunction& function) {
  if (t_depth > 0 && g_record != nullptr) look_inside(*g_record, function);
  return begin_call(function);
}

void on_end(const at::RecordFunction& function, at::ObserverContext* context) {
  if (t_depth > 0) --t_depth;
  PlacementRecorder::Record* record = g_record;
  auto* call = static_cast<Call*>(context);
  if (record == nullptr || call == nullptr) return;
  t_call = nullptr;
  for (const c10::IValue& output : function.outputs()) {
    for_each_tensor(output, [&](const at::Tensor& tensor) { record->add_result(*call, tensor); });
  }
  record->finish(*call);
}

}  // namespace

PlacementRecorder::PlacementRecorder(c10::Device run_device)
    : record_(std::make_unique<Record>(run_device)) {}

PlacementRecorder::~PlacementRecorder() {
  if (g_record == record_.get()) g_record = nullptr;
}

PlacementProof PlacementRecorder::proof() const { return record_->proof(); }

PlacementRecorder::Scope::Scope(PlacementRecorder& recorder) {
  // A call that crashed (matrix/crash_guard.h) had no end.
  t_depth = 0;
  t_call = nullptr;
  g_record = recorder.record_.get();
  handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(on_begin, on_end)
                                           .needsInputs(true)
                                           .needsOutputs(true)
                                           .scopes({at::RecordScope::FUNCTION}));
}

PlacementRecorder::Scope::~Scope() {
  at::removeCallback(handle_);
  g_record = nullptr;
}

}  // namespace crosstrace
