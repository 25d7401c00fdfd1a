// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Inputs of a model in words, as the command line takes them.
///
///     const auto spec = crosstrace::parse_spec("tuple(float32[1,3,8,8], int64[1,16]=0..99, 0.5)");
///     const c10::IValue value = crosstrace::draw_all({spec}).front();
///     std::cout << value.type()->str() << '\n';  // prints (Tensor, Tensor, float)
///
/// | SPEC                  | value                                                            |
/// |-----------------------|------------------------------------------------------------------|
/// | `float32[1,3]`        | tensor, standard normal (complex dtypes too)                     |
/// | `float32[2]=-1..1`    | tensor, uniform between the two numbers                          |
/// | `int64[1,16]=0..99`   | tensor of integers, both ends included; 0..9 without a range     |
/// | `bool[4]`, `float32[]`| tensor; of no dimension                                          |
/// | `16000`, `0.5`        | int, float                                                       |
/// | `true`, `none`        | bool, None                                                       |
/// | `"text"`              | str, with \", \\, \n and \t                                     |
/// | `list(SPEC,...)`      | list, typed by its elements; `list()`: see `take_type`           |
/// | `tuple(SPEC,...)`     | tuple                                                            |
/// | `dict("key":SPEC,...)`| dict, typed by its keys (texts, numbers, truth values) and values|
/// | `cpu(SPEC)`           | its tensors stay on the CPU when all else moves (on_cpu.h)       |
/// | `@file.pt`            | what torch.save or torch::pickle_save wrote, tensors on the CPU  |
///
/// Dtypes: float16, float32, float64, bfloat16, float8_e4m3fn, float8_e4m3fnuz, float8_e5m2,
/// float8_e5m2fnuz, complex32, complex64, complex128, int8 to int64, uint8 to uint64, bool.
#pragma once

#include <ATen/core/ivalue.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace at {
struct Generator;
}

namespace crosstrace {

/// One SPEC, understood. Made by `parse_spec`.
struct InputSpec {
  enum class Kind { kTensor, kValue, kList, kTuple, kDict };

  Kind kind = Kind::kValue;

  c10::ScalarType dtype = c10::ScalarType::Float;  ///< Of a tensor.
  std::vector<std::int64_t> shape = {};            ///< Of a tensor.

  /// Least and greatest element of a tensor; none for a normal distribution and for bool.
  std::variant<std::monostate, std::pair<std::int64_t, std::int64_t>, std::pair<double, double>>
      range = {};

  c10::IValue value = {};                ///< Of kValue: a number, a text, None, what a file held.
  std::vector<InputSpec> elements = {};  ///< Of a list, tuple or dict.
  std::vector<c10::IValue> keys = {};    ///< Of a dict, one for each element.
  bool stays_on_cpu = false;             ///< `cpu(...)`.

  c10::TypePtr type = nullptr;  ///< Of what is drawn, as TorchScript sees it.
};

/// Reads the file of an `@file.pt` at once, relative to the current folder.
/// @throws std::invalid_argument in one line: the SPEC, the column (from 1) and what was expected
/// there; or the file and why it cannot be read.
InputSpec parse_spec(std::string_view text);

/// Tells a SPEC the type of the argument that it is for. An empty list or dict, at any depth, takes
/// its type from there, where else it is a List[Tensor] or a Dict[str, Tensor]; a list of tensors is
/// a List[Optional[Tensor]] where that is wanted, a tuple a named one; a file's too. What does not
/// fit is left as it is.
void take_type(InputSpec& spec, const c10::TypePtr& wanted);

/// A value on the CPU. All numbers come from `generator`, so its state decides them; what a file
/// held is copied.
/// @throws c10::Error if there is not enough memory.
c10::IValue draw(const InputSpec& spec, at::Generator& generator);

/// Draws all with LibTorch's default generator of the CPU, which torch::manual_seed sets.
std::vector<c10::IValue> draw_all(const std::vector<InputSpec>& specs);

}  // namespace crosstrace
