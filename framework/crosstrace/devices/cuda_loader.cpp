// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Context.h>
#include <crosstrace/devices/cuda_loader.h>
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

namespace crosstrace {
namespace {

// Values of CUresult in cuda.h, which is not needed to build this file.
constexpr int kSuccess = 0;
constexpr int kStubLibrary = 34;
constexpr int kNoDevice = 100;
constexpr int kOperatingSystem = 304;  // No /dev/nvidia*: a driver library without a device.

CudaLoad absent(std::string reason) { return {false, false, std::move(reason)}; }
CudaLoad broken(std::string reason) { return {false, true, std::move(reason)}; }

std::string visible_devices() {
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
  return visible == nullptr ? "CUDA_VISIBLE_DEVICES is not set"
                            : "CUDA_VISIBLE_DEVICES='" + std::string(visible) + "'";
}

std::string error_text(void* driver, int code) {
  using GetErrorString = int (*)(int, const char**);
  const char* text = nullptr;
  if (auto get = reinterpret_cast<GetErrorString>(dlsym(driver, "cuGetErrorString")))
    get(code, &text);
  return "CUDA driver error " + std::to_string(code) +
         (text == nullptr ? "" : std::string(" (") + text + ")");
}

CudaLoad ask_driver(void* driver) {
  using Init = int (*)(unsigned);
  using Count = int (*)(int*);
  auto init = reinterpret_cast<Init>(dlsym(driver, "cuInit"));
  auto count = reinterpret_cast<Count>(dlsym(driver, "cuDeviceGetCount"));
  if (init == nullptr || count == nullptr)
    return broken("libcuda.so.1 has no cuInit or cuDeviceGetCount");
  int devices = 0;
  int code = init(0);
  if (code == kSuccess) code = count(&devices);
  if (code == kNoDevice || code == kOperatingSystem || (code == kSuccess && devices == 0)) {
    return absent("the NVIDIA driver shows no device (" + visible_devices() + ")");
  }
  if (code == kStubLibrary) return absent("libcuda.so.1 is the toolkit's stub, not a driver");
  if (code != kSuccess) return broken(error_text(driver, code));
  CudaLoad found;
  found.device_count = devices;
  return found;
}

/// The folder of the libtorch_cpu.so that this process runs on: its CUDA part must be of the same
/// build.
std::filesystem::path libtorch_folder() {
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(&at::globalContext), &info);
  return std::filesystem::path(info.dli_fname).parent_path();
}

CudaLoad open_libtorch_cuda(CudaLoad found) {
  const std::filesystem::path library = libtorch_folder() / "libtorch_cuda.so";
  if (!std::filesystem::exists(library)) {
    return absent(
        "this LibTorch has no CUDA part (no libtorch_cuda.so beside libtorch_cpu.so); build "
        "against a LibTorch that has one");
  }
  if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) return broken(dlerror());
  if (!at::hasCUDA()) {
    return broken(
        "libtorch_cuda.so was loaded after LibTorch had looked for CUDA; load_cuda() must come "
        "first");
  }
  found.loaded = true;
  return found;
}

CudaLoad load() {
  void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (driver == nullptr) return absent("no NVIDIA driver (libcuda.so.1 not found)");
  CudaLoad found = ask_driver(driver);
  return found.device_count > 0 ? open_libtorch_cuda(std::move(found)) : found;
}

}  // namespace

const CudaLoad& load_cuda() {
  static const CudaLoad result = load();
  return result;
}

}  // namespace crosstrace
