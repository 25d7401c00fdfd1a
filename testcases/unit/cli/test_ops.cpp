// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Custom operators and a class for the tests of the command, as a project's own operator library registers
// them.

#include <ATen/ATen.h>
#include <torch/custom_class.h>
#include <torch/library.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace {

at::Tensor twice(const at::Tensor& x) { return x * 2; }

/// Composite, so that it sees the simulated device's tensors themselves.
at::Tensor crash_on_sim(const at::Tensor& x) {
  if (!x.is_cpu()) std::abort();
  return x * 2;
}

/// Ends the process as if all were well.
at::Tensor leave_on_sim(const at::Tensor& x) {
  if (!x.is_cpu()) std::exit(0);
  return x * 2;
}

/// Tells who runs it.
at::Tensor say_process(const at::Tensor& x) {
  std::fprintf(stderr, "process %d\n", static_cast<int>(getpid()));
  return x * 2;
}

at::Tensor die_on_sim(const at::Tensor& x) {
  if (!x.is_cpu()) raise(SIGKILL);
  return x * 2;
}

/// Holds a tensor where nobody can see it, until it is saved.
struct Offset : torch::CustomClassHolder {
  explicit Offset(at::Tensor held) : tensor(std::move(held)) {}
  at::Tensor add(const at::Tensor& x) { return x + tensor; }
  at::Tensor tensor;
};

TORCH_LIBRARY(crosstrace_test, library) {
  library.class_<Offset>("Offset")
      .def(torch::init<at::Tensor>())
      .def("add", &Offset::add)
      .def_pickle([](const c10::intrusive_ptr<Offset>& offset) { return offset->tensor; },
                  [](at::Tensor held) { return c10::make_intrusive<Offset>(std::move(held)); });
  library.def("twice(Tensor x) -> Tensor");
  library.impl("twice", c10::DispatchKey::CPU, twice);
  library.def("crash_on_sim(Tensor x) -> Tensor", crash_on_sim);
  library.def("leave_on_sim(Tensor x) -> Tensor", leave_on_sim);
  library.def("say_process(Tensor x) -> Tensor", say_process);
  library.def("die_on_sim(Tensor x) -> Tensor", die_on_sim);
}

}  // namespace
