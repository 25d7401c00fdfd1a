// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The identity of one cell of the portability matrix: which model, exported how and where, brought
/// to the run device how.
///
///     const crosstrace::CellId id{"SimpleModel", crosstrace::ExportKind::kTrace, "cpu",
///                                 crosstrace::Transfer::kLoad, "sim:0"};
///     std::cout << id.name() << '\n';      // prints SimpleModel__trace_cpu__load__sim0
///     std::cout << id.describe() << '\n';  // prints SimpleModel: trace on cpu, load, run on sim:0
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace crosstrace {

/// How a model became a `torch::jit::Module`.
enum class ExportKind { kTrace, kScript, kArchive };

/// How an export gets to the run device.
enum class Transfer {
  kAsTraced,  ///< Nothing is moved: the export is called where it is.
  kTo,        ///< `module.to(device)`: parameters and buffers move, nothing else does.
  kLoad,      ///< Saved, then `torch::jit::load(file, device)`: constants and attributes move too.
};

/// The words of the command line, of JSON and of test names: `trace`, `as_traced`, ...
std::string_view to_string(ExportKind kind) noexcept;
std::string_view to_string(Transfer transfer) noexcept;

/// @throws std::invalid_argument naming the word and the words that are known.
Transfer parse_transfer(std::string_view word);

/// Devices are names as LibTorch prints them (`cpu`, `cuda:0`, `sim:1`), because a cell is declared
/// also where its device is absent. The trace device of an archive is what its literals name, or
/// `unknown`.
struct CellId {
  std::string model;
  ExportKind export_kind = ExportKind::kTrace;
  std::string trace_device;
  Transfer transfer = Transfer::kTo;
  std::string run_device;
  std::string method = "forward";  ///< The one that is called.

  /// Letters, digits and `_` only, as the model's name is, so that it can be a GoogleTest parameter
  /// name; unique among all cells of a process. A method other than forward stands behind the
  /// export: `Speech__archive_cpu__encode__to__sim0`.
  std::string name() const;

  /// Of the export alone, `SimpleModel__trace_cpu`: the part of `name` that cells of one export
  /// share.
  std::string export_name() const;

  /// One line for people: `SimpleModel: trace on cpu, load, run on sim:0`, or `Speech: archive of
  /// cpu, encode, load, run on sim:0` of a method other than forward.
  std::string describe() const;

  /// Its beginning, without method, transfer and run device: `SimpleModel: trace on cpu`.
  std::string describe_export() const;

  /// The devices that must be there to run it: the run device, and the trace device before it
  /// unless the export is an archive, which was traced elsewhere.
  std::vector<std::string> needed_devices() const;

  auto operator<=>(const CellId&) const = default;
};

}  // namespace crosstrace
