// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What the values of TorchScript are, in words, and what lies inside them. For use inside compare/
/// only.
#pragma once

#include <ATen/core/ivalue.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace crosstrace::detail {

/// The kinds that comparisons tell apart.
enum class Kind {
  kTensor,
  kTuple,
  kList,
  kNumbers,  ///< A list of int, float, complex or bool, which holds no tensor or other value.
  kDict,
  kObject,  ///< Of a TorchScript class: its attributes are its value.
  kNone,    ///< None, and the undefined tensor that stands for it in C++.
  kInt,
  kFloat,
  kComplex,
  kBool,
  kString,
  kDevice,
  kEnum,
  kOpaque,  ///< A stream, generator, custom C++ class, ...: nothing to look at.
};

Kind kind_of(const c10::IValue& value);

/// `Tensor`, `tuple of 2`, `list of 3`, `List[int] of 7`, `dict with 2 keys`, `None`, `int`,
/// `object of class Foo`, ...
std::string describe(const c10::IValue& value);

/// The type in one word, for reports: `tuple`, `List[int]`, `str`, ...
std::string type_word(const c10::IValue& value);

/// The values inside a tuple, list, dict or object, each with what follows the path of the whole:
/// `[1]`, `.boxes`,
/// `["boxes"]`. Empty for all other kinds.
using Child = std::pair<std::string, c10::IValue>;
std::vector<Child> children_of(const c10::IValue& value);

/// The numbers of the leaf at `path` inside `value`, which is itself at `here`, as a contiguous CPU
/// tensor; a single number as one of no dimension. Nothing if there is no such leaf.
std::optional<at::Tensor> tensor_at(const c10::IValue& value, const std::string& here,
                                    const std::string& path);

/// `"text"`, control characters escaped, with no more than 40 characters of the text.
std::string quoted(const std::string& text);

/// A list of numbers as a 1-dim tensor.
at::Tensor numbers_tensor(const c10::IValue& list);

}  // namespace crosstrace::detail
