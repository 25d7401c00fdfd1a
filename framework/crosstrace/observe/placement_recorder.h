// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Watches on which devices operators run.
///
///     crosstrace::PlacementRecorder recorder(c10::Device("sim:0"));
///     {
///       const crosstrace::PlacementRecorder::Scope scope(recorder);
///       output = module.forward(inputs);
///     }
///     std::cout << recorder.proof().describe_strays() << '\n';
#pragma once

#include <c10/core/Device.h>
#include <crosstrace/observe/placement_proof.h>

#include <memory>

namespace crosstrace {

/// Adds up what all its scopes see, through LibTorch's own observer of operators
/// (at::RecordFunction). Counted are the operators that TorchScript calls; the simulated device
/// runs CPU operators inside its own, CUDA's kernels call others, and of these only copies between
/// devices are looked at. Operators inside a fused kernel are not seen: a fuser takes operators of
/// one device only.
///
/// Does not synchronise with any device.
class PlacementRecorder {
 public:
  explicit PlacementRecorder(c10::Device run_device);
  ~PlacementRecorder();

  /// By operator and device. Not to be called while a scope is open.
  PlacementProof proof() const;

  /// Records while it lives: on its thread, and on those to which TorchScript forks from it. One at
  /// a time in a process. A scope that a crash abandons does no harm: the next one begins anew.
  class Scope {
   public:
    explicit Scope(PlacementRecorder& recorder);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    std::uint64_t handle_;
  };

  class Record;  ///< What callbacks write to.

 private:
  std::unique_ptr<Record> record_;
};

}  // namespace crosstrace
