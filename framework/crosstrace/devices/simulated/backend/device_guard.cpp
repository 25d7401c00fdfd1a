// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/util/Exception.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/device_guard.h>
#include <crosstrace/devices/simulated/backend/loss.h>

namespace crosstrace::simulated {
namespace {

thread_local c10::DeviceIndex current = 0;

c10::Stream default_stream(c10::Device device) {
  return c10::Stream(c10::Stream::DEFAULT, at_current_index(device));
}

}  // namespace

c10::DeviceIndex current_index() noexcept { return current; }

c10::DeviceIndex exchange_index(c10::DeviceIndex index) noexcept {
  const c10::DeviceIndex previous = current;
  if (index >= 0) current = index;
  return previous;
}

void check_index(c10::DeviceIndex index) {
  TORCH_CHECK(index < kDeviceCount, kName, ":", static_cast<int>(index),
              " does not exist: the simulated devices are sim:0 and sim:1");
}

c10::DeviceType Guard::type() const { return kDeviceType; }

c10::Device Guard::exchangeDevice(c10::Device device) const {
  check_index(device.index());
  return {kDeviceType, exchange_index(device.index())};
}

c10::Device Guard::getDevice() const { return {kDeviceType, current}; }

void Guard::setDevice(c10::Device device) const {
  check_index(device.index());
  exchange_index(device.index());
}

void Guard::uncheckedSetDevice(c10::Device device) const noexcept {
  exchange_index(device.index());
}

c10::DeviceIndex Guard::deviceCount() const noexcept { return kDeviceCount; }

c10::Stream Guard::getStream(c10::Device device) const { return default_stream(device); }
c10::Stream Guard::getDefaultStream(c10::Device device) const { return default_stream(device); }
c10::Stream Guard::getStreamFromGlobalPool(c10::Device device, bool) const {
  return default_stream(device);
}
c10::Stream Guard::getNewStream(c10::Device device, int) const { return default_stream(device); }
c10::Stream Guard::exchangeStream(c10::Stream stream) const {
  return default_stream(stream.device());
}
bool Guard::queryStream(const c10::Stream&) const { return true; }
void Guard::synchronizeStream(const c10::Stream& stream) const {
  wait_for_loss(stream.device_index());
}
void Guard::synchronizeDevice(c10::DeviceIndex index) const { wait_for_loss(index); }

void Guard::record(void**, const c10::Stream&, c10::DeviceIndex, c10::EventFlag) const {}
void Guard::block(void*, const c10::Stream&) const {}
bool Guard::queryEvent(void*) const { return true; }
void Guard::synchronizeEvent(void*) const {}

}  // namespace crosstrace::simulated
