// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Preloaded into a program, writes a line for each file that it opens for reading: what the program
// itself cannot hide. Nothing but the C library, so that it can stand in front of any program.
//
//     LD_PRELOAD=libcount_opens.so COUNT_OPENS_IN=log crosstrace inspect model.pt

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

using Open = int (*)(const char*, int, ...);
using OpenAt = int (*)(int, const char*, int, ...);
using FOpen = FILE* (*)(const char*, const char*);

void note(const char* path) {
  const char* log = std::getenv("COUNT_OPENS_IN");
  if (log == nullptr) return;
  static const Open open = next<Open>("open");
  const int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  char line[4096];
  const int size = std::snprintf(line, sizeof line, "%s\n", path);
  if (write(file, line, static_cast<std::size_t>(size)) != size) std::abort();
  close(file);
}

void note_if_read(const char* path, int flags) {
  if ((flags & O_ACCMODE) != O_WRONLY) note(path);
}

/// Only a file that is made has one.
mode_t mode_of(int flags, va_list& arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

FILE* counted_fopen(const char* name, const char* path, const char* mode) {
  if (std::strpbrk(mode, "r+") != nullptr) note(path);
  return next<FOpen>(name)(path, mode);
}

}  // namespace

#define COUNTED_OPEN(name)                                \
  extern "C" int name(const char* path, int flags, ...) { \
    va_list arguments;                                    \
    va_start(arguments, flags);                           \
    const mode_t mode = mode_of(flags, arguments);        \
    va_end(arguments);                                    \
    note_if_read(path, flags);                            \
    return next<Open>(#name)(path, flags, mode);          \
  }

#define COUNTED_OPENAT(name)                                      \
  extern "C" int name(int at, const char* path, int flags, ...) { \
    va_list arguments;                                            \
    va_start(arguments, flags);                                   \
    const mode_t mode = mode_of(flags, arguments);                \
    va_end(arguments);                                            \
    note_if_read(path, flags);                                    \
    return next<OpenAt>(#name)(at, path, flags, mode);            \
  }

COUNTED_OPEN(open)
COUNTED_OPEN(open64)
COUNTED_OPENAT(openat)
COUNTED_OPENAT(openat64)

extern "C" FILE* fopen(const char* path, const char* mode) {
  return counted_fopen("fopen", path, mode);
}

extern "C" FILE* fopen64(const char* path, const char* mode) {
  return counted_fopen("fopen64", path, mode);
}
