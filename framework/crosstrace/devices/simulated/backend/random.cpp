// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/CPUGeneratorImpl.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/loss.h>
#include <crosstrace/devices/simulated/backend/random.h>

#include <array>
#include <mutex>

namespace crosstrace::simulated {
namespace {

/// Forwards everything to a CPU generator. LibTorch locks this object; kernels lock the CPU
/// generator, so it is locked here as well.
class SimulatedGenerator final : public c10::GeneratorImpl {
 public:
  SimulatedGenerator(c10::DeviceIndex index, at::Generator host)
      : GeneratorImpl({kDeviceType, index}, c10::DispatchKeySet(c10::DispatchKey::PrivateUse1)),
        host_(std::move(host)) {}

  const at::Generator& host() const { return host_; }

  void set_current_seed(uint64_t seed) override {
    check_not_lost(device().index());  // CUDA's asks its device, too.
    const std::lock_guard lock(host_.mutex());
    host_.set_current_seed(seed);
  }
  uint64_t current_seed() const override { return host_.current_seed(); }
  uint64_t seed() override {
    const std::lock_guard lock(host_.mutex());
    return host_.seed();
  }
  void set_offset(uint64_t offset) override { host_.set_offset(offset); }
  uint64_t get_offset() const override { return host_.get_offset(); }
  void set_state(const c10::TensorImpl& state) override {
    const std::lock_guard lock(host_.mutex());
    host_.unsafeGetGeneratorImpl()->set_state(state);
  }
  c10::intrusive_ptr<c10::TensorImpl> get_state() const override {
    return host_.unsafeGetGeneratorImpl()->get_state();
  }

 private:
  SimulatedGenerator* clone_impl() const override {
    return new SimulatedGenerator(device().index(), host_.clone());
  }

  at::Generator host_;
};

c10::DeviceIndex resolve(c10::DeviceIndex index) {
  check_index(index);
  return index < 0 ? current_index() : index;
}

/// Unseeded, as CUDA's default generators are: two processes draw different numbers.
at::Generator make_seeded_generator(c10::DeviceIndex index) {
  at::Generator generator = make_generator(index);
  generator.seed();
  return generator;
}

}  // namespace

at::Generator make_generator(c10::DeviceIndex index) {
  return at::make_generator<SimulatedGenerator>(resolve(index), at::detail::createCPUGenerator());
}

const at::Generator& default_generator(c10::DeviceIndex index) {
  static_assert(kDeviceCount == 2);
  static const auto* generators = new std::array<at::Generator, kDeviceCount>{
      make_seeded_generator(0), make_seeded_generator(1)};
  return generators->at(static_cast<size_t>(resolve(index)));
}

at::Generator host_generator(const std::optional<at::Generator>& generator, c10::Device device) {
  const bool given = generator.has_value() && generator->defined();
  const at::Generator& chosen = given ? *generator : default_generator(device.index());
  TORCH_CHECK(chosen.device().type() == kDeviceType, "Expected a '", kName,
              "' device type for generator but found '", chosen.device().type(), "'");
  return static_cast<SimulatedGenerator*>(chosen.unsafeGetGeneratorImpl())->host();
}

}  // namespace crosstrace::simulated
