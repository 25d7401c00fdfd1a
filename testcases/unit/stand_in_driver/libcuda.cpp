// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// A libcuda.so.1 that claims one GPU, unless CUDA_VISIBLE_DEVICES hides it: as much of a driver as CrossTrace asks before
// it opens LibTorch's CUDA part. Names and values are those of cuda.h.

#include <cstdlib>
#include <string_view>

namespace {

constexpr int kSuccess = 0;
constexpr int kNoDevice = 100;

bool is_hidden() {
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
  return visible != nullptr && (std::string_view(visible).empty() || *visible == '-');
}

}  // namespace

extern "C" {

int cuInit(unsigned) { return is_hidden() ? kNoDevice : kSuccess; }

int cuDeviceGetCount(int* count) {
  *count = is_hidden() ? 0 : 1;
  return kSuccess;
}

int cuGetErrorString(int, const char** text) {
  *text = "said by a stand-in for a driver";
  return kSuccess;
}
}
