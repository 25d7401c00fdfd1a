// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// A libcuda.so.1 that answers as its environment says, for machines without a driver:
//     STAND_IN_INIT     what cuInit returns, 0 by default
//     STAND_IN_DEVICES  how many devices there are, 1 by default
//     STAND_IN_VERSION  the newest CUDA that it supports, 13000 by default

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace {

int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

}  // namespace

extern "C" {

int cuInit(unsigned) {
  std::fprintf(stderr, "driver asked by %d, child of %d\n", getpid(), getppid());
  return setting("STAND_IN_INIT", 0);
}

int cuDeviceGetCount(int* count) {
  *count = setting("STAND_IN_DEVICES", 1);
  return 0;
}

int cuDriverGetVersion(int* version) {
  *version = setting("STAND_IN_VERSION", 13000);
  return 0;
}

int cuGetErrorString(int, const char** text) {
  *text = "an error of the stand-in";
  return 0;
}

}  // extern "C"
