// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Autograd where a model differentiates inside forward, as force fields do, and nowhere else.
///
///     auto make = [] { return at::ones({2}); };
///     auto gradient = crosstrace::without_autograd_if_possible([&] {
///       const at::Tensor x = make().requires_grad_();
///       return torch::autograd::grad({x.square().sum()}, {x})[0];
///     });
///     std::cout << gradient.sum().item<float>() << '\n';  // prints 4
#pragma once

#include <ATen/core/ivalue.h>
#include <c10/core/GradMode.h>

#include <exception>

namespace torch::jit {
struct Module;
}

namespace crosstrace {

/// Turns autograd on or off on this thread until it ends. A backward pass inside runs on this thread
/// for every device: LibTorch counts devices at the first one of the process (Engine::
/// start_device_threads), which may be before CUDA or the simulated device is there, and a trace is
/// kept by the thread that records it.
class AutogradScope {
 public:
  explicit AutogradScope(bool on);
  AutogradScope(const AutogradScope&) = delete;
  AutogradScope& operator=(const AutogradScope&) = delete;
  ~AutogradScope();

 private:
  c10::AutoGradMode mode_;
  bool had_threads_;
};

/// Whether a call of the method can come to `torch.autograd.grad` or `backward`, in functions, methods
/// and forked tasks that it calls too. False if there is no such method.
bool calls_autograd(const torch::jit::Module& module, const std::string& method);

/// The same tensors, with no history that autograd would follow.
c10::IValue detached(c10::IValue value);

/// Whether autograd was off where something wanted to differentiate.
bool is_lack_of_autograd(const std::exception& error);

/// Runs `work` without autograd, and if it dies of that once more with it: what a C++ function does
/// nobody can read. So `work` begins anew each time. @throws what the last run of it throws.
template <class Work>
auto without_autograd_if_possible(const Work& work) {
  try {
    const AutogradScope off(false);
    return work();
  } catch (const std::exception& error) {
    if (!is_lack_of_autograd(error)) throw;
  }
  const AutogradScope on(true);
  return work();
}

}  // namespace crosstrace
