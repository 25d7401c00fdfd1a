// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/flow/detail/shape_inference.h>
#include <crosstrace/operators/device_mix.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_map>

namespace crosstrace::detail {
namespace {

constexpr int kUnknown = AbstractValue::kUnknownRank;
using Arguments = std::vector<const AbstractValue*>;

/// What is known of one call.
class Call {
 public:
  Call(const OperatorInfo& info, const Arguments& arguments) : info_(info), arguments_(arguments) {}

  const AbstractValue* find(std::string_view name) const {
    const auto& formal = info_.schema->arguments();
    for (std::size_t i = 0; i < formal.size() && i < arguments_.size(); ++i) {
      if (formal[i].name() == name) return arguments_[i];
    }
    return nullptr;
  }

  int rank_of(std::size_t index) const {
    const bool tensor =
        index < arguments_.size() && arguments_[index]->kind == AbstractValue::Kind::kTensor;
    return tensor ? arguments_[index]->rank : kUnknown;
  }

  bool has_one_element(std::size_t index) const {
    return index < arguments_.size() && arguments_[index]->kind == AbstractValue::Kind::kTensor &&
           arguments_[index]->has_one_element();
  }

  /// Length of the list `name`, -1 if not known.
  int length_of(std::string_view name) const {
    const AbstractValue* fact = find(name);
    if (fact == nullptr) return kUnknown;
    if (fact->kind == AbstractValue::Kind::kConstant && fact->constant.isList()) {
      return static_cast<int>(fact->constant.toListRef().size());
    }
    const bool exact = fact->kind == AbstractValue::Kind::kList && fact->contents->exact;
    return exact ? static_cast<int>(fact->contents->items.size()) : kUnknown;
  }

  bool is_false(std::string_view name) const {
    const AbstractValue* fact = find(name);
    return fact != nullptr && fact->kind == AbstractValue::Kind::kConstant &&
           fact->constant.isBool() && !fact->constant.toBool();
  }

  bool is_true(std::string_view name) const {
    const AbstractValue* fact = find(name);
    return fact != nullptr && fact->kind == AbstractValue::Kind::kConstant &&
           fact->constant.isBool() && fact->constant.toBool();
  }

  /// The largest number of dims among the tensors: that of a broadcast.
  int broadcast() const {
    int rank = 0;
    bool all_known = true;
    bool has_dims = false;
    for (const std::size_t index : info_.tensors) {
      if (index >= arguments_.size()) continue;
      visit_tensors(*arguments_[index], [&](const AbstractValue& tensor) {
        all_known = all_known && tensor.rank >= 0;
        has_dims = has_dims || tensor.rank > 0 || tensor.rank == AbstractValue::kSomeDims;
        rank = std::max(rank, tensor.rank);
      });
    }
    if (all_known) return rank;
    return has_dims ? AbstractValue::kSomeDims : kUnknown;
  }

  int first_in_list() const {
    int rank = kUnknown;
    if (!arguments_.empty()) {
      visit_tensors(*arguments_[0], [&](const AbstractValue& tensor) {
        if (rank == kUnknown) rank = tensor.rank;
      });
    }
    return rank;
  }

 private:
  const OperatorInfo& info_;
  const Arguments& arguments_;
};

int shifted(int rank, int by) {
  if (rank >= 0) return std::max(0, rank + by);
  if (rank == AbstractValue::kSomeDims && by >= 0) return rank;
  return by > 0 ? AbstractValue::kSomeDims : kUnknown;
}

/// sum, mean, ...: without `dim` nothing remains.
int reduced(const Call& call) {
  const AbstractValue* dim = call.find("dim");
  if (dim == nullptr) return 0;
  const int length = dim->is_none() ? 0 : call.length_of("dim");
  if (length == 0) return call.is_true("keepdim") ? call.rank_of(0) : 0;
  if (call.is_true("keepdim")) return call.rank_of(0);
  if (!call.is_false("keepdim")) return kUnknown;
  return shifted(call.rank_of(0), -std::max(1, length));
}

/// Of one element no dims remain; which of several have one, is not known here.
int squeezed(const Call& call) {
  if (!call.has_one_element(0)) return kUnknown;
  if (call.find("dim") == nullptr) return 0;
  return shifted(call.rank_of(0), -std::max(1, call.length_of("dim")));
}

int indexed(const Call& call) {
  const AbstractValue* indices = call.find("indices");
  if (indices == nullptr || !indices->contents || !indices->contents->exact) return kUnknown;
  int removed = 0;
  int inserted = 0;
  for (const AbstractValue& index : indices->contents->items) {
    if (index.is_none()) continue;
    if (index.kind != AbstractValue::Kind::kTensor) return kUnknown;
    // One index with dims leaves at least those.
    if (index.rank == AbstractValue::kSomeDims) return AbstractValue::kSomeDims;
    if (index.rank == kUnknown) return kUnknown;
    ++removed;
    inserted = std::max(inserted, index.rank);
  }
  return shifted(call.rank_of(0), inserted - removed);
}

using RankOf = std::function<int(const Call&)>;

RankOf fixed(int rank) {
  return [rank](const Call&) { return rank; };
}

RankOf first_plus(int by) {
  return [by](const Call& call) { return shifted(call.rank_of(0), by); };
}

RankOf length_of(const char* name) {
  return [name](const Call& call) { return call.length_of(name); };
}

int first_of_list(const Call& call) { return call.first_in_list(); }

using Table = std::unordered_map<std::string_view, RankOf>;

void add(Table& table, std::initializer_list<std::string_view> names, const RankOf& rank) {
  for (const std::string_view name : names) table.emplace(name, rank);
}

void add_fixed(Table& table) {
  add(table, {"scalar_tensor", "dot", "vdot", "trace", "numel", "item"}, fixed(0));
  add(table,
      {"arange", "linspace", "logspace", "range", "randperm", "hann_window", "hamming_window",
       "blackman_window", "bartlett_window", "kaiser_window", "fft_fftfreq", "fft_rfftfreq", "mv",
       "flatten_dense_tensors", "ravel", "masked_select", "bincount"},
      fixed(1));
  add(table, {"eye", "tril_indices", "triu_indices", "mm", "addmm", "outer", "ger", "vander"},
      fixed(2));
  add(table, {"bmm", "baddbmm"}, fixed(3));
}

void add_told_by_sizes(Table& table) {
  add(table,
      {"zeros", "ones", "full", "empty", "rand", "randn", "randint", "normal", "view", "reshape",
       "expand", "new_zeros", "new_ones", "new_full", "new_empty", "as_strided", "broadcast_to"},
      [](const Call& call) {
        const int length = call.length_of("size");
        return length != kUnknown ? length : call.length_of("shape");
      });
  add(table, {"repeat", "tile"}, length_of("repeats"));
}

void add_told_by_arguments(Table& table) {
  add(table, {"select", "argmax", "argmin"}, [](const Call& call) {
    const AbstractValue* dim = call.find("dim");
    if (dim != nullptr && dim->is_none()) return 0;
    return call.is_true("keepdim") ? call.rank_of(0) : shifted(call.rank_of(0), -1);
  });
  add(table, {"unbind", "diagonal"}, first_plus(-1));
  add(table, {"unsqueeze", "one_hot"}, first_plus(1));
  add(table, {"embedding"}, [](const Call& call) { return shifted(call.rank_of(1), 1); });
  add(table, {"expand_as", "view_as", "reshape_as"},
      [](const Call& call) { return call.rank_of(1); });
  add(table, {"index"}, indexed);
  add(table, {"squeeze"}, squeezed);
  add(table, {"meshgrid"}, [](const Call& call) { return call.length_of("tensors"); });
  add(table, {"stack"}, [](const Call& call) { return shifted(call.first_in_list(), 1); });
  add(table, {"cat", "concat", "concatenate"}, first_of_list);
  add(table,
      {"sum", "mean", "prod", "all", "any", "max", "min", "amax", "amin", "norm", "std", "var",
       "median", "logsumexp", "nansum", "count_nonzero"},
      reduced);
}

/// Operators that keep the number of dims of their first tensor.
constexpr std::string_view kKept[] = {"slice",
                                      "transpose",
                                      "permute",
                                      "t",
                                      "contiguous",
                                      "clone",
                                      "detach",
                                      "alias",
                                      "to",
                                      "_to_copy",
                                      "cpu",
                                      "cuda",
                                      "type_as",
                                      "softmax",
                                      "log_softmax",
                                      "dropout",
                                      "cumsum",
                                      "cumprod",
                                      "flip",
                                      "roll",
                                      "tril",
                                      "triu",
                                      "split",
                                      "chunk",
                                      "split_with_sizes",
                                      "tensor_split",
                                      "narrow",
                                      "zeros_like",
                                      "ones_like",
                                      "full_like",
                                      "empty_like",
                                      "rand_like",
                                      "randn_like",
                                      "randint_like",
                                      "copy",
                                      "fill",
                                      "zero",
                                      "gather",
                                      "scatter",
                                      "index_select",
                                      "masked_fill",
                                      "index_put",
                                      "index_fill",
                                      "linear",
                                      "layer_norm",
                                      "batch_norm",
                                      "group_norm",
                                      "instance_norm",
                                      "conv1d",
                                      "conv2d",
                                      "conv3d",
                                      "_convolution",
                                      "pad",
                                      "constant_pad_nd",
                                      "movedim",
                                      "swapaxes",
                                      "requires_grad",
                                      "pin_memory",
                                      "pixel_shuffle",
                                      "interpolate",
                                      "bernoulli",
                                      "uniform",
                                      "normal_",
                                      "random",
                                      "exponential",
                                      "sort",
                                      "argsort",
                                      "topk",
                                      "renorm",
                                      "as_tensor",
                                      "numpy_T",
                                      "float",
                                      "expand"};

Table make_table() {
  Table table;
  add_fixed(table);
  add_told_by_sizes(table);
  add_told_by_arguments(table);
  for (const std::string_view name : kKept) table.emplace(name, first_plus(0));
  return table;
}

/// torch.tensor of a number has no dims.
int tensor_of(const Call& call) {
  const AbstractValue* data = call.find("data");
  if (data == nullptr) return 0;
  const bool list = data->kind == AbstractValue::Kind::kList ||
                    (data->kind == AbstractValue::Kind::kConstant && data->constant.isList());
  return list ? 1 : kUnknown;
}

/// Two tensors: elementwise maximum.
bool is_of_two(const OperatorInfo& info) {
  return info.name == "max.other" || info.name == "min.other";
}

}  // namespace

bool is_elementwise(const OperatorInfo& info) {
  if (is_of_two(info)) return true;
  return info.rule != nullptr && (info.rule->device_check == DeviceCheck::kTensorIterator ||
                                  is_composite_elementwise(info.base));
}

int result_rank(const OperatorInfo& info, const std::vector<const AbstractValue*>& arguments) {
  static const Table* table = new Table(make_table());
  const Call call(info, arguments);
  if (info.base == "tensor") return tensor_of(call);
  const auto found = table->find(info.base);
  if (found != table->end() && !is_of_two(info)) return found->second(call);
  return is_elementwise(info) ? call.broadcast() : kUnknown;
}

}  // namespace crosstrace::detail
