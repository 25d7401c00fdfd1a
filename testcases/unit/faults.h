// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a hostile model can do to the process that runs it.
///
///     crosstrace::commit_fault("stack_overflow");
#pragma once

#include <ATen/ATen.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <thread>

namespace crosstrace {

/// Not inlined, so that it has a name on the stack.
[[gnu::noinline]] inline int read_wild_pointer(const volatile int* pointer) { return *pointer; }

/// No compiler makes a loop of it.
[[gnu::noinline]] inline int dive(int depth) {
  volatile char memory[4096] = {};
  memory[depth % 4096] = 1;
  return depth < 0 ? 0 : dive(depth + 1) + memory[depth % 4096];
}

/// @param bytes more than malloc keeps for its thread: then it looks at the heap with its lock held.
[[gnu::noinline]] inline void free_twice(std::size_t bytes) {
  void* const first = std::malloc(bytes);
  void* const second = std::malloc(bytes);  // Behind it, so that it is not the end of the heap.
  void* volatile again = first;
  std::free(first);
  std::free(again);
  std::free(second);
}

[[gnu::noinline]] inline void loop_for_ever() {
  volatile bool goes_on = true;
  while (goes_on) {
  }
}

inline void on_a_thread(const std::function<void()>& work) { std::thread(work).join(); }

inline const std::map<std::string, std::function<void()>>& faults() {
  static const std::map<std::string, std::function<void()>> faults = {
      {"wild_pointer", [] { (void)read_wild_pointer(reinterpret_cast<const int*>(0x10)); }},
      {"wild_pointer_in_libtorch",
       [] { (void)at::from_blob(reinterpret_cast<void*>(0x1000), {64}).add(1); }},
      {"wild_pointer_on_a_thread",
       [] { on_a_thread([] { (void)read_wild_pointer(reinterpret_cast<const int*>(0x10)); }); }},
      {"kill", [] { (void)::raise(SIGKILL); }},
      {"abort", [] { std::abort(); }},
      {"double_free", [] { free_twice(32); }},
      {"double_free_under_lock", [] { free_twice(8192); }},
      {"stack_overflow", [] { (void)dive(0); }},
      {"exit", [] { std::exit(0); }},
      {"quick_exit", [] { std::quick_exit(0); }},
      {"underscore_exit", [] { ::_exit(0); }},
      {"exit_on_a_thread", [] { on_a_thread([] { std::exit(0); }); }},
      {"underscore_exit_on_a_thread", [] { on_a_thread([] { ::_exit(0); }); }},
      {"endless_loop", [] { loop_for_ever(); }},
      {"allocate_20_gb",
       [] {
         (void)at::ones({5, 1024, 1024, 1024});
       }},
  };
  return faults;
}

inline void commit_fault(const std::string& name) { faults().at(name)(); }

}  // namespace crosstrace
