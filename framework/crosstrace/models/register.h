// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Registers a model from any source file, at link time; no list to keep.
///
///     #include <torch/nn.h>
///
///     CROSSTRACE_REGISTER(Classifier)
///         .module([] { return torch::nn::Linear(10, 5); })
///         .inputs([] { return torch::randn({1, 10}); })
///         .inputs([] { return torch::randn({7, 10}); });  // another batch size, not traced
///
/// In a static library nobody refers to a registration, so the linker drops it, and the model is
/// missing without a word. Name the library in LIBRARIES of `crosstrace_add_tests`, which links it
/// whole, or make it an OBJECT library.
#pragma once

#include <crosstrace/devices/on_cpu.h>
#include <crosstrace/models/callable.h>
#include <crosstrace/models/model.h>

#include <string>
#include <utility>

namespace crosstrace {

/// The arguments of a call with several:
/// `.inputs([] { return crosstrace::arguments(torch::randn({2, 3}), 16000); })`.
template <class... T>
Inputs arguments(T&&... values) {
  return Inputs{c10::IValue(std::forward<T>(values))...};
}

/// Describes one model; every function returns the builder. What does not fit together is reported
/// when tests run, with the model's name and source line, never by an exception before main().
class ModelBuilder {
 public:
  ModelBuilder(std::string name, SourceLocation where) {
    model_.name = std::move(name), model_.where = std::move(where);
  }

  /// A module factory: returns a module holder, a `std::shared_ptr` to a module, or a module by
  /// value. It is called once per trace device, each time with the same seed; make parameters on
  /// the CPU, they are moved.
  template <class Factory>
  ModelBuilder& module(Factory factory) {
    model_.eager = [factory = std::move(factory)] {
      auto made = detail::shared_module(factory());
      return EagerModel{made, detail::untyped_forward(made.get())};
    };
    return *this;
  }

  /// The same with the call spelled out, for modules whose forward is overloaded or is not what is
  /// exported:
  /// `.module(factory, [](MyImpl& m, torch::Tensor x) { return m.encode(x); })`.
  template <class Factory, class Call>
  ModelBuilder& module(Factory factory, Call call) {
    model_.eager = [factory = std::move(factory), call = std::move(call)] {
      auto made = detail::shared_module(factory());
      return EagerModel{made, detail::untyped(detail::bind_self(std::function(call), made.get()))};
    };
    return *this;
  }

  /// A plain function or lambda without parameters of its own: `.function([](torch::Tensor x) {
  /// return x.relu(); })`.
  template <class Function>
  ModelBuilder& function(Function function) {
    model_.eager = [call = detail::untyped(std::function(std::move(function)))] {
      return EagerModel{nullptr, call};
    };
    return *this;
  }

  /// TorchScript source that defines `forward(self, ...)`. With `.module()` it sees the module's
  /// parameters, buffers and submodules as `self.name`, and is a second export beside the trace.
  ModelBuilder& script(std::string source) {
    model_.script = std::move(source);
    return *this;
  }

  /// A TorchScript archive on disk, opened when it is first needed. It is its own reference, where
  /// it was made.
  ModelBuilder& archive(Archive archive) {
    model_.archive = std::move(archive);
    return *this;
  }

  /// One set of arguments: a tensor or any other single value, or `crosstrace::arguments(...)`. All
  /// tensors are brought to the run device, but those of `crosstrace::on_cpu(tensor)`. LibTorch's generators are seeded before the call, so the values
  /// are the same on every device and in every cell. The first set traces, the others only run.
  template <class Generator>
  ModelBuilder& inputs(Generator generator) {
    model_.inputs.push_back(input_generator(std::move(generator)));
    return *this;
  }

  /// Input sets of several methods at once, by their names.
  ModelBuilder& inputs(InputsOfMethods sets);

  /// The same for another method of a script or an archive, `.inputs("encode", [] { return
  /// torch::randn({1, 80}); })`: one that torch.jit.export kept, or an overload (`forward__0`). It
  /// has a matrix of its own, and is its own reference.
  template <class Generator>
  ModelBuilder& inputs(const std::string& method, Generator generator) {
    auto& sets = method == "forward" ? model_.inputs : model_.method_inputs[method];
    sets.push_back(input_generator(std::move(generator)));
    return *this;
  }

  /// Replaces the tolerances by dtype: `rtol` relative, `atol` absolute, see tolerance.h.
  ModelBuilder& tolerance(double rtol, double atol);

  /// The same for some outputs, by device, path or dtype (tolerance_rule.h):
  /// `.tolerance(run_on("cuda") && at_output("output[1]"), 1e-3, 1e-4)`. Of several that speak about
  /// an output the first counts; others keep their tolerance, and the evidence beyond it.
  ModelBuilder& tolerance(OutputFilter outputs, double rtol, double atol);

  /// Replaces the precision of the run (CROSSTRACE_PRECISION) for this model:
  /// `.precision(crosstrace::Precision::kAsExported)` for one that is meant to run in TF32.
  ModelBuilder& precision(Precision precision) {
    model_.precision = precision;
    return *this;
  }

  /// For a model whose answer looks as if it proved nothing, being constant, empty or the same for
  /// all inputs that are tried, and does prove something. Its cells match instead of being
  /// `untrusted`, and say why.
  /// @param why in the author's words, never empty.
  ModelBuilder& trusted(std::string why);

  /// Cells that are known to fail so; see `expectation.h`. Of several that speak about a cell the
  /// first counts.
  /// @param verdict a failing one.
  /// @param cause words that occur in what the cell failed of, never empty; or a matcher of it, such
  /// as GoogleMock's (gtest/message_matcher.h). It sees the cause alone (failure_cause.h).
  ModelBuilder& expect_failure(CellFilter cells, Verdict verdict, FailureCause cause);

  /// Which findings fail the inspection of this model's exports, instead of warnings and errors; what
  /// is let pass is printed, and an inspection that is off is skipped, with the reason.
  /// @param why in the author's words, never empty.
  ModelBuilder& inspection(InspectionLevel level, std::string why);

  Model build() { return std::move(model_); }

 private:
  template <class Generator>
  static InputGenerator input_generator(Generator generator) {
    return [generator = std::move(generator)]() -> Inputs {
      if constexpr (std::is_same_v<std::decay_t<decltype(generator())>, Inputs>) {
        return generator();
      } else {
        return Inputs{c10::IValue(generator())};
      }
    };
  }

  Model model_;
};

/// Puts a model into the registry of this process.
struct Registration {
  // Implicit, because the macro's chain ends in a builder.
  Registration(ModelBuilder& builder);   // NOLINT(google-explicit-constructor)
  Registration(ModelBuilder&& builder);  // NOLINT(google-explicit-constructor)
};

}  // namespace crosstrace

/// `CROSSTRACE_REGISTER(Name).module(...).inputs(...);` at namespace scope.
#define CROSSTRACE_REGISTER(Name)                                                           \
  [[maybe_unused]] static const ::crosstrace::Registration crosstrace_registration_##Name = \
      ::crosstrace::ModelBuilder(#Name, {__FILE__, __LINE__})
