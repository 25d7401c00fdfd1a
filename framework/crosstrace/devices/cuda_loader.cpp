// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Context.h>
#include <crosstrace/devices/ctest_gpus.h>
#include <crosstrace/devices/cuda_loader.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/libtorch_folder.h>
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

namespace crosstrace {
namespace {

// Values of CUresult in cuda.h and of cudaError_t, which are not needed to build this file.
constexpr int kSuccess = 0;
constexpr int kStubLibrary = 34;
constexpr int kNoDevice = 100;
constexpr int kOperatingSystem = 304;  // No /dev/nvidia*: a driver library without a device.

CudaLoad absent(std::string reason) { return {false, false, std::move(reason)}; }
CudaLoad broken(std::string reason) { return {false, true, std::move(reason)}; }

template <class Function>
Function* symbol(void* library, const char* name) {
  return reinterpret_cast<Function*>(dlsym(library, name));
}

/// `13.0` of 13000, as CUDA counts its versions.
std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string no_device() {
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
  const std::size_t files = nvidia_device_files();
  if (visible == nullptr) {
    return files > 0 ? "the NVIDIA driver shows no device, though /dev has " +
                           std::to_string(files) + " of NVIDIA's"
                     : "the NVIDIA driver shows no device (no /dev/nvidia0)";
  }
  const std::string variable = "CUDA_VISIBLE_DEVICES='" + std::string(visible) + "'";
  return files > 0 ? variable + " hides what the NVIDIA driver has (" + std::to_string(files) +
                         (files == 1 ? " device)" : " devices)")
                   : "the NVIDIA driver shows no device (no /dev/nvidia0; " + variable + ")";
}

std::string driver_error(void* driver, int code) {
  const char* text = nullptr;
  if (auto* get = symbol<int(int, const char**)>(driver, "cuGetErrorString")) get(code, &text);
  return "CUDA driver error " + std::to_string(code) +
         (text == nullptr ? "" : std::string(" (") + text + ")");
}

void* open_driver() {
  static void* const driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  return driver;
}

CudaLoad ask_driver(void* driver) {
  auto* init = symbol<int(unsigned)>(driver, "cuInit");
  auto* count = symbol<int(int*)>(driver, "cuDeviceGetCount");
  if (init == nullptr || count == nullptr)
    return broken("libcuda.so.1 has no cuInit or cuDeviceGetCount");
  int devices = 0;
  int code = init(0);
  if (code == kSuccess) code = count(&devices);
  if (code == kNoDevice || code == kOperatingSystem || (code == kSuccess && devices == 0)) {
    return absent(no_device());
  }
  if (code == kStubLibrary) return absent("libcuda.so.1 is the toolkit's stub, not a driver");
  if (code != kSuccess) return broken(driver_error(driver, code));
  CudaLoad found;
  found.device_count = devices;
  return found;
}

/// CUDA's runtime is a library that libtorch_cpu.so needs too, so it can be asked which it is.
/// A driver serves every runtime of its own major version, and older ones.
/// @returns empty if the driver is new enough, or nobody can tell.
std::string why_driver_too_old(void* driver) {
  auto* of_driver = symbol<int(int*)>(driver, "cuDriverGetVersion");
  auto* of_runtime = symbol<int(int*)>(RTLD_DEFAULT, "cudaRuntimeGetVersion");
  int supported = 0, wanted = 0;
  if (of_driver == nullptr || of_runtime == nullptr || of_driver(&supported) != kSuccess ||
      of_runtime(&wanted) != kSuccess || supported / 1000 >= wanted / 1000) {
    return "";
  }
  return "the NVIDIA driver is too old for this LibTorch: it supports CUDA " +
         version_text(supported) + ", LibTorch was built for CUDA " + version_text(wanted) +
         "; update the driver or take a LibTorch for an older CUDA";
}

/// LibTorch says no although the driver has devices: the runtime between them may know why.
std::string why_libtorch_refuses() {
  auto* count = symbol<int(int*)>(RTLD_DEFAULT, "cudaGetDeviceCount");
  auto* text = symbol<const char*(int)>(RTLD_DEFAULT, "cudaGetErrorString");
  int devices = 0;
  const int code = count == nullptr ? kSuccess : count(&devices);
  if (code != kSuccess) {
    return "the CUDA runtime of this LibTorch refuses the driver: error " + std::to_string(code) +
           (text == nullptr ? "" : std::string(" (") + text(code) + ")");
  }
  return "libtorch_cuda.so was loaded after LibTorch had looked for CUDA; load_cuda() must come "
         "first";
}

std::filesystem::path cuda_part() { return libtorch_folder() / "libtorch_cuda.so"; }

std::string open_part() {
  (void)take_gpus_of_ctest();
  if (!std::filesystem::exists(cuda_part())) {
    return "this LibTorch has no CUDA part (no libtorch_cuda.so beside libtorch_cpu.so); build "
           "against a LibTorch that has one";
  }
  return dlopen(cuda_part().c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr ? dlerror() : "";
}

CudaLoad open_for(void* driver, CudaLoad found) {
  if (!std::filesystem::exists(cuda_part())) return absent(open_cuda_part());
  if (std::string why = why_driver_too_old(driver); !why.empty()) return broken(std::move(why));
  if (!open_cuda_part().empty()) return broken(open_cuda_part());
  if (!at::hasCUDA()) return broken(why_libtorch_refuses());
  found.loaded = true;
  return found;
}

CudaLoad load() {
  if (!take_gpus_of_ctest().empty()) return broken(take_gpus_of_ctest());
  void* driver = open_driver();
  if (driver == nullptr) return absent("no NVIDIA driver (libcuda.so.1 not found)");
  CudaLoad found = ask_driver(driver);
  return found.device_count > 0 ? open_for(driver, std::move(found)) : found;
}

}  // namespace

const CudaLoad& load_cuda() {
  static const CudaLoad result = load();
  return result;
}

const std::string& open_cuda_part() {
  static const std::string why_not = open_part();
  return why_not;
}

bool has_cuda_driver() { return open_driver() != nullptr; }

}  // namespace crosstrace
