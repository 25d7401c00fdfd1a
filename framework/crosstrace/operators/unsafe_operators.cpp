// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/operators/node_operator.h>
#include <crosstrace/operators/unsafe_operators.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <array>
#include <string>

namespace crosstrace {
namespace {

template <std::size_t n>
bool is_one_of(std::string_view name, const std::array<std::string_view, n>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Of the 4,249 operators that LibTorch 2.15 registers.
constexpr std::array<std::string_view, 2> kFiles = {"aten::from_file", "aten::save"};

// These take sizes, offsets or indices as they come.
constexpr std::array<std::string_view, 12> kMemory = {"aten::_nested_view_from_buffer",
                                                      "aten::_nested_view_from_buffer_copy",
                                                      "aten::_sparse_bsc_tensor_unsafe",
                                                      "aten::_sparse_bsr_tensor_unsafe",
                                                      "aten::_sparse_compressed_tensor_unsafe",
                                                      "aten::_sparse_coo_tensor_unsafe",
                                                      "aten::_sparse_csc_tensor_unsafe",
                                                      "aten::_sparse_csr_tensor_unsafe",
                                                      "aten::set",
                                                      "aten::set_",
                                                      "inductor::_reinterpret_tensor",
                                                      "inductor::resize_storage_bytes_"};

constexpr std::array<std::string_view, 4> kStrided = {
    "aten::as_strided", "aten::as_strided_", "aten::as_strided_copy", "aten::as_strided_scatter"};

// Where LibTorch keeps what its own passes put into graphs, and believe.
constexpr std::array<std::string_view, 1> kInternal = {"static_runtime::"};

constexpr std::array<std::string_view, 7> kProcesses = {
    "c10d::", "_c10d_functional::", "_c10d_functional_autograd::", "symm_mem::", "_dtensor::",
    "fsdp::", "prim::rpc_"};

template <std::size_t n>
bool starts_with_any(std::string_view name, const std::array<std::string_view, n>& starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return name.starts_with(start); });
}

/// Nothing stands for the offset that the tensor has.
bool has_fixed_offset(const torch::jit::Node& node) {
  const torch::jit::Value* offset = find_argument(node, "storage_offset");
  return offset != nullptr && torch::jit::toIValue(offset).has_value();
}

}  // namespace

std::string_view why_unsafe(const torch::jit::Node& node) {
  const std::string_view name = node.kind().toQualString();
  if (is_one_of(name, kFiles)) return "reads or writes a file";
  if (starts_with_any(name, kProcesses)) return "talks to other processes";
  const bool is_memory = is_one_of(name, kMemory) || starts_with_any(name, kInternal) ||
                         (is_one_of(name, kStrided) && !has_fixed_offset(node));
  return is_memory ? "reaches memory beyond its tensors" : "";
}

}  // namespace crosstrace
