// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// A custom operator that loses the first simulated device: whoever waits for it is told of an error from
// then on, as on a GPU after a failed assertion in a kernel.

#include <ATen/ATen.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

namespace {

using c10::impl::DeviceGuardImplInterface;

std::atomic<const DeviceGuardImplInterface*>& registered_guard() {
  return c10::impl::device_guard_impl_registry[static_cast<std::size_t>(c10::kPrivateUse1)];
}

/// The simulated device's own, but that it cannot be waited for.
class LostGuard : public DeviceGuardImplInterface {
 public:
  explicit LostGuard(const DeviceGuardImplInterface* guard) : guard_(*guard) {}

  c10::DeviceType type() const override { return guard_.type(); }
  c10::Device exchangeDevice(c10::Device device) const override {
    return guard_.exchangeDevice(device);
  }
  c10::Device getDevice() const override { return guard_.getDevice(); }
  void setDevice(c10::Device device) const override { guard_.setDevice(device); }
  void uncheckedSetDevice(c10::Device device) const noexcept override {
    guard_.uncheckedSetDevice(device);
  }
  c10::Stream getStream(c10::Device device) const override { return guard_.getStream(device); }
  c10::Stream exchangeStream(c10::Stream stream) const override {
    return guard_.exchangeStream(stream);
  }
  c10::DeviceIndex deviceCount() const noexcept override { return guard_.deviceCount(); }
  void synchronizeDevice(c10::DeviceIndex index) const override {
    TORCH_CHECK(index != 0, "device-side assert triggered");
  }

 private:
  const DeviceGuardImplInterface& guard_;
};

/// Composite, so that it sees the simulated device's tensors themselves.
at::Tensor lose_sim(const at::Tensor& x) {
  if (!x.is_cpu() && x.device().index() == 0) {
    static const auto* const lost = new LostGuard(registered_guard());
    registered_guard() = lost;
  }
  return x + 0;
}

TORCH_LIBRARY_FRAGMENT(crosstrace_test, library) {
  library.def("lose_sim(Tensor x) -> Tensor", lose_sim);
}

}  // namespace
