// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/function_schema.h>
#include <crosstrace/archive/archive.h>
#include <crosstrace/archive/archive_check.h>
#include <crosstrace/archive/cuda_need.h>
#include <crosstrace/archive/detail/graph_devices.h>
#include <crosstrace/archive/detail/named_devices.h>
#include <crosstrace/archive/detail/open_file.h>
#include <crosstrace/archive/detail/program_reader.h>
#include <crosstrace/archive/detail/unsafe_code.h>
#include <crosstrace/archive/detail/weightless_file.h>
#include <crosstrace/base/signal_guard.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <utility>

namespace crosstrace {

/// What a look without the weights shows.
struct Archive::Contents {
  detail::NamedDevices devices;
  bool has_unsafe_operators = false;
  std::vector<c10::FunctionSchema> methods;
};

struct Archive::State {
  std::string path;
  std::string made_on;                     ///< Empty: the file tells.
  std::vector<std::string> homes;          ///< With `made_on`, once they were asked for.
  std::shared_ptr<detail::OpenFile> file;  ///< Null until it is open and checked.
  std::optional<Contents> contents;
  std::optional<torch::jit::Module> unused;  ///< Was read for `contents`; nobody has it yet.
};

namespace {

std::shared_ptr<detail::OpenFile> open_file(const std::string& path) try {
  return std::make_shared<detail::OpenFile>(path);
} catch (const std::runtime_error& error) {
  throw std::runtime_error("cannot read archive " + path + ": " + error.what());
}

/// LibTorch's reader believes what a file says, and may die of it. Here that is one more thing that
/// can be wrong with a file.
void survive(const std::string& path, const std::function<void()>& read) {
  const auto crash = run_until_signal(read);
  if (!crash) return;
  throw std::runtime_error("cannot read archive " + path +
                           ": its contents are damaged; LibTorch's reader died of " +
                           describe_signal(crash->signal));
}

torch::jit::Module read_without_weights(const std::string& path, const detail::ArchiveFile& file) {
  std::optional<torch::jit::Module> module;
  survive(path,
          [&] { module = detail::read_program(std::make_shared<detail::WeightlessFile>(file)); });
  return *std::move(module);
}

}  // namespace

Archive::Archive(std::string path) : state_(std::make_shared<State>()) {
  state_->path = std::move(path);
}

Archive::Archive(std::string path, std::string made_on) : Archive(std::move(path)) {
  state_->made_on = std::move(made_on);
}

const std::string& Archive::path() const noexcept { return state_->path; }

std::string Archive::why_skipped() const {
  std::string reason;
  if (!std::filesystem::exists(path())) {
    std::ifstream file(path() + ".skipped");
    std::getline(file, reason);
  }
  return reason;
}

std::shared_ptr<caffe2::serialize::ReadAdapterInterface> Archive::file() const {
  if (!state_->file) {
    auto file = open_file(state_->path);
    survive(path(), [&] { check_archive(file, path()); });
    state_->file = std::move(file);
  }
  return state_->file;
}

torch::jit::Module Archive::load(std::optional<c10::Device> device,
                                 const StandIns& stand_ins) const {
  open_cuda_for_archive(file());
  std::optional<torch::jit::Module> module;
  survive(path(), [&] {
    const auto named = stand_ins.empty() ? file() : detail::with_other_devices(file(), stand_ins);
    module = torch::jit::load(named, device);
    if (!stand_ins.empty()) detail::rename_devices(*module, stand_ins);
  });
  return *std::move(module);
}

torch::jit::Module Archive::without_weights() const {
  open_cuda_for_archive(file());
  if (!state_->unused) return read_without_weights(path(), file());
  torch::jit::Module module = std::move(*state_->unused);
  state_->unused.reset();
  return module;
}

const Archive::Contents& Archive::contents() const {
  if (state_->contents) return *state_->contents;
  torch::jit::Module module = read_without_weights(path(), file());
  Contents contents;
  contents.devices = detail::named_devices(file(), module);
  contents.has_unsafe_operators = detail::has_unsafe_operators(module);
  for (const torch::jit::Method& method : module.get_methods()) {
    contents.methods.push_back(method.function().getSchema());
  }
  state_->unused = std::move(module);
  return state_->contents.emplace(std::move(contents));
}

const std::vector<std::string>& Archive::storage_locations() const {
  return contents().devices.storage_locations;
}

const Archive::Contents& Archive::contents_if_readable() const try {
  return contents();
} catch (const std::exception&) {
  static const Contents nothing;
  return nothing;
}

const std::vector<std::string>& Archive::homes() const {
  const std::vector<std::string>& found = contents_if_readable().devices.homes;
  if (state_->made_on.empty()) return found;
  if (state_->homes.empty()) {
    state_->homes = {state_->made_on};
    std::copy_if(found.begin(), found.end(), std::back_inserter(state_->homes),
                 [&](const std::string& home) { return home != state_->made_on; });
  }
  return state_->homes;
}

std::string Archive::home() const {
  if (!state_->made_on.empty()) return state_->made_on;
  return homes().empty() ? "unknown" : homes().front();
}

const std::vector<std::string>& Archive::cuda_devices() const {
  return contents_if_readable().devices.cuda_devices;
}

bool Archive::has_unsafe_operators() const { return contents().has_unsafe_operators; }

bool Archive::asks_for_cuda() const { return contents().devices.asks_for_cuda; }

const std::vector<c10::FunctionSchema>& Archive::methods() const { return contents().methods; }

}  // namespace crosstrace
