// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/detail/device_kernel.h>
#include <crosstrace/compare/detail/element_rule.h>
#include <crosstrace/compare/detail/element_screen.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

// One pass over two arrays on one device. Each thread keeps its findings, those of a block become
// one, and blocks add theirs to one record: sums of counts and maxima come out the same in any
// order. The last block hands the record to the host and clears it for the next pass.
namespace crosstrace::detail {
namespace {

constexpr int kThreads = 256;
constexpr int kWarp = 32;
constexpr int kVectorBytes = 16;
constexpr int kUnroll = 2;  // vectors of each array that a thread has in flight

/// On the device. Numbers of at least zero are ordered as their bits are, so a maximum of doubles
/// is one of integers.
struct Record {
  unsigned long long mismatched;
  unsigned long long nonfinite;
  unsigned long long max_abs_bits;
  unsigned long long max_rel_bits;
  unsigned int blocks_done;
};

struct alignas(kVectorBytes) Vector {
  std::uint32_t words[kVectorBytes / 4];
};

template <class T>
__device__ T element(const Vector& vector, int i) {
  T value;
  __builtin_memcpy(&value, reinterpret_cast<const char*>(&vector) + i * sizeof(T), sizeof(T));
  return value;
}

template <class Element>
__device__ void add_vector(Findings<typename Element::Number>& found, const Vector& actual,
                           const Vector& expected, ElementLimits<typename Element::Number> limits) {
  using T = typename Element::T;
#pragma unroll
  for (int i = 0; i < static_cast<int>(kVectorBytes / sizeof(T)); ++i) {
    Element::add(found, element<T>(actual, i), element<T>(expected, i), limits);
  }
}

template <class Number>
__device__ Findings<Number> from_lane_below(const Findings<Number>& found, int step) {
  Findings<Number> other;
  other.mismatched = __shfl_down_sync(~0U, found.mismatched, step);
  other.nonfinite = __shfl_down_sync(~0U, found.nonfinite, step);
  other.max_abs = __shfl_down_sync(~0U, found.max_abs, step);
  other.max_rel = __shfl_down_sync(~0U, found.max_rel, step);
  return other;
}

/// The whole of a warp's findings is in its first lane.
template <class Number>
__device__ void merge_warp(Findings<Number>& found) {
  for (int step = kWarp / 2; step > 0; step /= 2) merge(found, from_lane_below(found, step));
}

template <class Number>
__device__ void add_to_record(Findings<Number> found, Record* record, Record* on_host) {
  __shared__ Findings<Number> of_warps[kThreads / kWarp];
  merge_warp(found);
  if (threadIdx.x % kWarp == 0) of_warps[threadIdx.x / kWarp] = found;
  __syncthreads();
  if (threadIdx.x >= kWarp) return;
  Findings<Number> total;
  if (threadIdx.x < kThreads / kWarp) total = of_warps[threadIdx.x];
  merge_warp(total);
  if (threadIdx.x != 0) return;
  if (total.mismatched > 0) {
    atomicAdd(&record->mismatched, static_cast<unsigned long long>(total.mismatched));
  }
  if (total.nonfinite > 0) {
    atomicAdd(&record->nonfinite, static_cast<unsigned long long>(total.nonfinite));
  }
  atomicMax(&record->max_abs_bits, same_bits<unsigned long long>(double(total.max_abs)));
  atomicMax(&record->max_rel_bits, same_bits<unsigned long long>(double(total.max_rel)));
  __threadfence();
  const unsigned int last = gridDim.x - 1;
  if (atomicInc(&record->blocks_done, last) != last) return;
  __threadfence();
  on_host->mismatched = atomicExch(&record->mismatched, 0);
  on_host->nonfinite = atomicExch(&record->nonfinite, 0);
  on_host->max_abs_bits = atomicExch(&record->max_abs_bits, 0);
  on_host->max_rel_bits = atomicExch(&record->max_rel_bits, 0);
}

/// The greatest of a warp. Numbers of at least zero are ordered as their bits are.
__device__ float greatest_of_warp(float value) {
  return same_bits<float>(__reduce_max_sync(~0U, same_bits<std::uint32_t>(value)));
}

/// The greatest of a block. All threads call it.
__device__ float greatest_of_block(float value) {
  __shared__ float of_warps[kThreads / kWarp];
  const float of_warp = greatest_of_warp(value);
  __syncthreads();  // of_warps may still be read of an earlier call
  if (threadIdx.x % kWarp == 0) of_warps[threadIdx.x / kWarp] = of_warp;
  __syncthreads();
  return greatest_of_warp(of_warps[threadIdx.x % (kThreads / kWarp)]);
}

template <class Element>
__device__ bool changes_nothing(const Screen& screen, const Vector& actual,
                                const Vector& expected) {
  using T = typename Element::T;
  bool nothing = true;
#pragma unroll
  for (int i = 0; i < static_cast<int>(kVectorBytes / sizeof(T)); ++i) {
    nothing &= changes_nothing<Element>(screen, element<T>(actual, i), element<T>(expected, i));
  }
  return nothing;
}

/// What the threads of a warp, and at the beginning of a block, have found keeps the others from
/// looking closely: an array has few elements that exceed all before them.
template <class Element, int kCount>
__device__ void add_screened(Findings<typename Element::Number>& found, Screen& screen,
                             const Vector (&actual)[kCount], const Vector (&expected)[kCount],
                             ElementLimits<typename Element::Number> limits) {
  bool nothing = true;
#pragma unroll
  for (int j = 0; j < kCount; ++j) {
    nothing &= changes_nothing<Element>(screen, actual[j], expected[j]);
  }
  if (__all_sync(~0U, nothing)) return;
#pragma unroll
  for (int j = 0; j < kCount; ++j) add_vector<Element>(found, actual[j], expected[j], limits);
  raise(screen, found);
  screen.max_abs = greatest_of_warp(screen.max_abs);
  screen.max_rel = greatest_of_warp(screen.max_rel);
}

/// The first `vectors` times 16 bytes of each array in vectors, the rest one by one. Where an array
/// does not begin at a multiple of 16 bytes, there are none.
template <class Element>
__global__ void __launch_bounds__(kThreads)
    compare_arrays(const typename Element::T* actual, const typename Element::T* expected,
                   std::int64_t count, std::int64_t vectors,
                   ElementLimits<typename Element::Number> limits, Record* record,
                   Record* on_host) {
  using T = typename Element::T;
  Findings<typename Element::Number> found;
  const auto thread = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const auto threads = static_cast<std::int64_t>(gridDim.x) * kThreads;
  const auto* a = reinterpret_cast<const Vector*>(actual);
  const auto* e = reinterpret_cast<const Vector*>(expected);
  const std::int64_t rounds = vectors / (kUnroll * threads);  // of all threads: warps stay whole
  Screen screen = screen_of(limits);
  for (std::int64_t round = 0; round < rounds; ++round) {
    const std::int64_t first = round * kUnroll * threads + thread;
    Vector x[kUnroll], y[kUnroll];
#pragma unroll
    for (int j = 0; j < kUnroll; ++j) {
      x[j] = a[first + j * threads];
      y[j] = e[first + j * threads];
    }
    if constexpr (Element::kIsScreened) {
      add_screened<Element>(found, screen, x, y, limits);
      if (round == 0) {
        screen.max_abs = greatest_of_block(screen.max_abs);
        screen.max_rel = greatest_of_block(screen.max_rel);
      }
    } else {
#pragma unroll
      for (int j = 0; j < kUnroll; ++j) add_vector<Element>(found, x[j], y[j], limits);
    }
  }
  for (std::int64_t i = rounds * kUnroll * threads + thread; i < vectors; i += threads)
    add_vector<Element>(found, a[i], e[i], limits);
  const auto done = vectors * static_cast<std::int64_t>(kVectorBytes / sizeof(T));
  for (auto k = done + thread; k < count; k += threads) {
    Element::add(found, actual[k], expected[k], limits);
  }
  add_to_record(found, record, on_host);
}

/// One a stream, for as long as the process lives.
struct Workspace {
  Record* on_device = nullptr;
  Record* on_host = nullptr;  // pinned, and so the kernel can write it
  int processors = 0;
};

cudaError_t make(Workspace& workspace, int device) {
  cudaError_t error =
      cudaDeviceGetAttribute(&workspace.processors, cudaDevAttrMultiProcessorCount, device);
  if (error == cudaSuccess) error = cudaMalloc(&workspace.on_device, sizeof(Record));
  if (error == cudaSuccess) error = cudaMemset(workspace.on_device, 0, sizeof(Record));
  if (error == cudaSuccess) error = cudaMallocHost(&workspace.on_host, sizeof(Record));
  return error;
}

template <class Element>
cudaError_t launch(const DevicePair& pair, const Workspace& workspace, cudaStream_t stream) {
  using T = typename Element::T;
  using Number = typename Element::Number;
  const auto is_aligned = [](const void* data) {
    return reinterpret_cast<std::uintptr_t>(data) % kVectorBytes == 0;
  };
  const std::int64_t in_vector = kVectorBytes / sizeof(T);
  const std::int64_t vectors =
      is_aligned(pair.actual) && is_aligned(pair.expected) ? pair.count / in_vector : 0;
  const std::int64_t wanted =
      (std::max(vectors, pair.count - vectors * in_vector) - 1) / kThreads + 1;
  int of_processor = 0;  // As many as run at once: each then has as much to do as the others.
  if (const cudaError_t error = cudaOccupancyMaxActiveBlocksPerMultiprocessor(
          &of_processor, compare_arrays<Element>, kThreads, 0)) {
    return error;
  }
  const auto blocks = static_cast<unsigned>(
      std::min<std::int64_t>(wanted, std::int64_t{workspace.processors} * of_processor));
  const ElementLimits<Number> limits{static_cast<Number>(pair.limits.rtol),
                                     static_cast<Number>(pair.limits.atol)};
  compare_arrays<Element><<<blocks, kThreads, 0, stream>>>(
      static_cast<const T*>(pair.actual), static_cast<const T*>(pair.expected), pair.count, vectors,
      limits, workspace.on_device, workspace.on_host);
  return cudaGetLastError();
}

cudaError_t launch(const DevicePair& pair, const Workspace& workspace, cudaStream_t stream) {
  switch (pair.dtype) {
    case DeviceDtype::kFloat32:
      return launch<FloatingElement<float>>(pair, workspace, stream);
    case DeviceDtype::kFloat64:
      return launch<FloatingElement<double>>(pair, workspace, stream);
    case DeviceDtype::kFloat16:
      return launch<HalfElement>(pair, workspace, stream);
    case DeviceDtype::kBFloat16:
      return launch<BFloat16Element>(pair, workspace, stream);
    case DeviceDtype::kInt8:
      return launch<IntegerElement<std::int8_t>>(pair, workspace, stream);
    case DeviceDtype::kInt16:
      return launch<IntegerElement<std::int16_t>>(pair, workspace, stream);
    case DeviceDtype::kInt32:
      return launch<IntegerElement<std::int32_t>>(pair, workspace, stream);
    case DeviceDtype::kInt64:
      return launch<IntegerElement<std::int64_t>>(pair, workspace, stream);
    case DeviceDtype::kUInt8:
      return launch<IntegerElement<std::uint8_t>>(pair, workspace, stream);
    case DeviceDtype::kUInt16:
      return launch<IntegerElement<std::uint16_t>>(pair, workspace, stream);
    case DeviceDtype::kUInt32:
      return launch<IntegerElement<std::uint32_t>>(pair, workspace, stream);
    case DeviceDtype::kUInt64:
      return launch<IntegerElement<std::uint64_t>>(pair, workspace, stream);
  }
  return cudaErrorInvalidValue;
}

cudaError_t run(const DevicePair& pair, Workspace& workspace, cudaStream_t stream) {
  if (workspace.on_host == nullptr) {
    if (const cudaError_t error = make(workspace, pair.device)) return error;
  }
  const cudaError_t error = launch(pair, workspace, stream);
  return error == cudaSuccess ? cudaStreamSynchronize(stream) : error;
}

void add(Statistics& statistics, const Record& record) {
  statistics.mismatched += static_cast<std::int64_t>(record.mismatched);
  statistics.nonfinite += static_cast<std::int64_t>(record.nonfinite);
  statistics.max_abs = std::max(statistics.max_abs, same_bits<double>(record.max_abs_bits));
  statistics.max_rel = std::max(statistics.max_rel, same_bits<double>(record.max_rel_bits));
}

/// Makes a device current, and the one before it again.
class CurrentDevice {
 public:
  explicit CurrentDevice(int device) {
    error = cudaGetDevice(&before_);
    if (error == cudaSuccess && before_ != device) error = cudaSetDevice(device);
  }
  ~CurrentDevice() { cudaSetDevice(before_); }

  cudaError_t error;

 private:
  int before_ = 0;
};

const char* said(cudaError_t error) {
  return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

}  // namespace
}  // namespace crosstrace::detail

#define CROSSTRACE_EXPORTED extern "C" __attribute__((visibility("default")))

CROSSTRACE_EXPORTED const char* crosstrace_compare_ready(std::int32_t device) {
  using namespace crosstrace::detail;
  const CurrentDevice current(device);
  if (current.error != cudaSuccess) return said(current.error);
  cudaFuncAttributes attributes;
  return said(cudaFuncGetAttributes(&attributes, compare_arrays<FloatingElement<float>>));
}

CROSSTRACE_EXPORTED const char* crosstrace_compare_pair_1(
    const crosstrace::detail::DevicePair* pair, crosstrace::detail::Statistics* statistics) {
  using namespace crosstrace::detail;
  const CurrentDevice current(pair->device);
  if (current.error != cudaSuccess) return said(current.error);
  static std::mutex guard;
  static std::map<std::pair<int, void*>, Workspace> workspaces;
  const std::lock_guard lock(guard);  // comparisons on one stream take turns anyway
  Workspace& workspace = workspaces[{pair->device, pair->stream}];
  const cudaError_t error = run(*pair, workspace, static_cast<cudaStream_t>(pair->stream));
  if (error == cudaSuccess) add(*statistics, *workspace.on_host);
  return said(error);
}
