// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a registered model is. `register.h` makes one; the rooms above read it.
///
///     crosstrace::Model model;
///     model.name = "Double";
///     model.where = {"double.cpp", 14};
///     model.script = "def forward(self, x):\n  return 2 * x\n";
///     std::cout << crosstrace::why_unusable(model) << '\n';
///
/// prints
///
///     double.cpp:14: model Double has no inputs; add .inputs([] { return torch::randn({1, 10}); })
#pragma once

#include <ATen/core/ivalue.h>
#include <crosstrace/archive/archive.h>
#include <crosstrace/compare/tolerance.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/models/expectation.h>
#include <crosstrace/models/inspection_level.h>
#include <crosstrace/models/source_location.h>
#include <crosstrace/models/tolerance_rule.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace torch::nn {
class Module;
}

namespace crosstrace {

/// The arguments of one call, in order.
using Inputs = std::vector<c10::IValue>;

/// Makes the arguments of one call, on the CPU.
using InputGenerator = std::function<Inputs()>;

/// By the name of the method.
using InputsOfMethods = std::map<std::string, std::vector<InputGenerator>>;

/// A model brought to life: something that can be called, and the module whose parameters it uses.
struct EagerModel {
  std::shared_ptr<torch::nn::Module> module;  ///< Null for a plain function.
  std::function<c10::IValue(const Inputs&)> forward;

  /// Of what is no C++ module: the buffers that forward may write into, by path. May be empty.
  std::function<std::map<std::string, at::Tensor>()> buffers = {};
};

/// One registered model. Exactly one of `eager`, `archive` or a `script` alone says what it is;
/// `eager` and `script` together give two exports of the same parameters.
struct Model {
  std::string name;
  SourceLocation where;

  std::function<EagerModel()>
      eager;           ///< Makes a fresh one; called with LibTorch's generators freshly seeded.
  std::string script;  ///< TorchScript that defines `forward(self, ...)`.
  std::optional<Archive> archive;  ///< Shared by all who ask it something.

  /// Of forward. The first set traces, all sets run.
  std::vector<InputGenerator> inputs;

  /// Of other methods of a script or an archive; each has cells of its own, see `methods_of`.
  InputsOfMethods method_inputs;

  /// What `inputs` are for; another than forward only in a model that `methods_of` made.
  std::string method = "forward";

  std::optional<Tolerance>
      tolerance;  ///< For all dtypes; empty: the defaults of torch.testing by dtype.
  std::vector<ToleranceRule>
      tolerance_rules;                 ///< Before `tolerance`; the first that speaks counts.
  std::optional<Precision> precision;  ///< Empty: that of the run.
  std::vector<Expectation> expectations;

  /// Why a reference that seems to prove nothing proves something all the same; empty: it is asked.
  std::string trusted;

  InspectionLevel inspection = InspectionLevel::kWarning;
  std::string inspection_reason;  ///< Of a level that the author chose.

  std::string problem;  ///< What was wrong with the arguments of its registration, if anything.
};

/// The model once for each method that has inputs, forward first: a cell is of one method, and sees
/// its inputs as `inputs`. All else is the same. Without any inputs the model itself.
std::vector<Model> methods_of(const Model& model);

/// The expectation that speaks about this cell (the first one that does), or null.
const Expectation* find_expectation(const Model& model, const CellId& id);

/// The name of a model made of a file: its name without folder and ending, anything but letters and
/// digits as one `_`.
std::string archive_model_name(const std::string& path);

/// One line if the model cannot be run as it is registered (no inputs, nothing to call), with its
/// source line; else empty.
std::string why_unusable(const Model& model);

}  // namespace crosstrace
