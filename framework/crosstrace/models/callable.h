// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Calls typed C++ functions with the untyped values of LibTorch's interpreter. Used by
/// `register.h`.
///
///     const auto scale = crosstrace::detail::untyped(
///         std::function([](at::Tensor x, double factor) { return x * factor; }));
///     std::cout << scale({at::ones({2}), 3.0}).toTensor().sum().item<float>();  // prints 6
#pragma once

#include <crosstrace/models/model.h>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace crosstrace::detail {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

/// The i-th input as a T. An optional parameter behind the last input is nullopt, as a default
/// argument would be.
template <class T>
T argument(const Inputs& inputs, std::size_t i, std::size_t arity) {
  if (i < inputs.size()) return inputs[i].to<T>();
  if constexpr (IsOptional<T>::value) {
    return std::nullopt;
  } else {
    throw std::invalid_argument("forward takes " + std::to_string(arity) +
                                " arguments, .inputs() gives " + std::to_string(inputs.size()));
  }
}

inline void refuse_surplus(const Inputs& inputs, std::size_t arity) {
  if (inputs.size() > arity) {
    throw std::invalid_argument("forward takes " + std::to_string(arity) +
                                " arguments, .inputs() gives " + std::to_string(inputs.size()));
  }
}

template <class... Args, class F, std::size_t... I>
c10::IValue invoke_typed(const F& call, const Inputs& inputs, std::index_sequence<I...>) {
  refuse_surplus(inputs, sizeof...(Args));
  return c10::IValue(call(argument<std::decay_t<Args>>(inputs, I, sizeof...(Args))...));
}

/// Wraps anything with one call signature (std::function deduces it) so that it takes `Inputs`.
/// Its calls throw std::invalid_argument for a wrong number of inputs, c10::Error for one of
/// another type, and what the function throws.
template <class R, class... Args>
std::function<c10::IValue(const Inputs&)> untyped(std::function<R(Args...)> call) {
  return [call = std::move(call)](const Inputs& inputs) {
    return invoke_typed<Args...>(call, inputs, std::index_sequence_for<Args...>{});
  };
}

template <class R, class M, class... Args>
std::function<R(Args...)> bind_member(R (M::*method)(Args...), M* self) {
  return [self, method](Args... args) -> R { return (self->*method)(std::forward<Args>(args)...); };
}

template <class R, class M, class... Args>
std::function<R(Args...)> bind_member(R (M::*method)(Args...) const, M* self) {
  return [self, method](Args... args) -> R { return (self->*method)(std::forward<Args>(args)...); };
}

template <class M, std::size_t... I>
c10::IValue call_with_tensors(M& module, const Inputs& inputs, std::index_sequence<I...>) {
  return c10::IValue(module.forward(inputs[I].toTensor()...));
}

template <std::size_t N, class M>
concept TakesTensors = requires(M& module, at::Tensor t) {
  requires N >= 1 && N <= 3;
  requires(N != 1) || requires { module.forward(t); };
  requires(N != 2) || requires { module.forward(t, t); };
  requires(N != 3) || requires { module.forward(t, t, t); };
};

/// For a forward that is overloaded or a template (torch::nn::Sequential): one to three tensors.
template <class M>
c10::IValue call_overloaded(M& module, const Inputs& inputs) {
  if constexpr (TakesTensors<1, M>) {
    if (inputs.size() == 1) return call_with_tensors(module, inputs, std::make_index_sequence<1>{});
  }
  if constexpr (TakesTensors<2, M>) {
    if (inputs.size() == 2) return call_with_tensors(module, inputs, std::make_index_sequence<2>{});
  }
  if constexpr (TakesTensors<3, M>) {
    if (inputs.size() == 3) return call_with_tensors(module, inputs, std::make_index_sequence<3>{});
  }
  throw std::invalid_argument("forward is overloaded and takes no " +
                              std::to_string(inputs.size()) +
                              " tensors; give .module(factory, [](auto& module, ...) { ... })");
}

template <class M>
std::function<c10::IValue(const Inputs&)> untyped_forward(M* module) {
  if constexpr (requires { bind_member(&M::forward, module); }) {
    return untyped(bind_member(&M::forward, module));
  } else {
    return [module](const Inputs& inputs) { return call_overloaded(*module, inputs); };
  }
}

template <class M, class R, class Self, class... Args>
std::function<R(Args...)> bind_self(std::function<R(Self, Args...)> call, M* module) {
  return [call = std::move(call), module](Args... args) -> R {
    return call(*module, std::forward<Args>(args)...);
  };
}

/// What a module factory may return, as a shared_ptr: a module holder (TORCH_MODULE), a shared_ptr,
/// or a module by value.
template <class T>
auto shared_module(T made) {
  if constexpr (requires { made.ptr(); }) {
    return made.ptr();
  } else if constexpr (requires {
                         made.get();
                         *made;
                       }) {
    return made;
  } else {
    return std::make_shared<T>(std::move(made));
  }
}

}  // namespace crosstrace::detail
