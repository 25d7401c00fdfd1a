// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/core/Device.h>
#include <crosstrace/devices/ctest_gpus.h>
#include <crosstrace/devices/declared.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace crosstrace {
namespace {

constexpr std::string_view kKnown =
    "cpu, cuda, cuda:N, sim, sim:0, sim:1, or a device that LibTorch knows, such as mps";

constexpr std::size_t kDefaultCudaDevices = 2;

std::size_t visible_cuda_devices() {
  (void)take_gpus_of_ctest();  // What is wrong with them, load_cuda() says.
  std::size_t count = nvidia_device_files();
  if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES")) {
    count = std::min(count, split_list(visible).size());
  }
  return std::max<std::size_t>(count, 1);
}

bool is_known_to_libtorch(const std::string& name) {
  try {
    return c10::Device(name).type() != c10::DeviceType::Meta;  // Meta has no values to compare.
  } catch (const c10::Error&) {
    return false;
  }
}

void append_device(const std::string& word, std::string_view source,
                   std::vector<std::string>& names) {
  if (word == "cuda") {
    for (std::size_t i = 0; i < visible_cuda_devices(); ++i)
      names.push_back("cuda:" + std::to_string(i));
  } else if (word == "sim") {
    names.insert(names.end(), {"sim:0", "sim:1"});
  } else if (word == "sim:0" || word == "sim:1" ||
             (!word.starts_with("sim") && is_known_to_libtorch(word))) {
    names.push_back(word);
  } else {
    throw std::invalid_argument(std::string(source) + ": '" + word +
                                "' is not a device; known are " + std::string(kKnown));
  }
}

}  // namespace

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> words;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view word = list.substr(0, comma);
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
    words.emplace_back(word);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return words;
}

std::vector<std::string> parse_device_list(std::string_view list, std::string_view source) {
  std::vector<std::string> names;
  for (const std::string& word : split_list(list)) append_device(word, source, names);
  if (names.empty()) {
    throw std::invalid_argument(std::string(source) + ": the list of devices is empty; known are " +
                                std::string(kKnown));
  }
  std::vector<std::string> unique;
  for (std::string& name : names) {
    if (std::find(unique.begin(), unique.end(), name) == unique.end())
      unique.push_back(std::move(name));
  }
  return unique;
}

std::vector<std::string> declared_devices() {
  if (const char* list = std::getenv("CROSSTRACE_DEVICES"))
    return parse_device_list(list, "CROSSTRACE_DEVICES");
  return default_devices(visible_cuda_devices());
}

std::vector<std::string> default_devices(std::size_t cuda_devices) {
  std::vector<std::string> names = {"cpu"};
  for (std::size_t i = 0; i < std::min(cuda_devices, kDefaultCudaDevices); ++i)
    names.push_back("cuda:" + std::to_string(i));
  names.insert(names.end(), {"sim:0", "sim:1"});
  return names;
}

std::size_t nvidia_device_files() {
  std::size_t count = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/dev", ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > 6 && name.starts_with("nvidia") &&
        std::all_of(name.begin() + 6, name.end(),
                    [](unsigned char c) { return std::isdigit(c); })) {
      ++count;
    }
  }
  return count;
}

std::vector<std::string> parse_required(std::string_view list, std::string_view source,
                                        const std::vector<std::string>& declared) {
  std::vector<std::string> words = split_list(list);
  for (const std::string& word : words) {
    parse_device_list(word, source);
    if (std::none_of(declared.begin(), declared.end(),
                     [&](const std::string& name) { return is_required(name, {word}); })) {
      throw std::invalid_argument(std::string(source) + ": '" + word +
                                  "' is required, but it is not a device of this matrix; add it "
                                  "with CROSSTRACE_DEVICES or --devices");
    }
  }
  return words;
}

std::vector<std::string> required_devices(const std::vector<std::string>& declared) {
  const char* list = std::getenv("CROSSTRACE_REQUIRE_DEVICES");
  if (list == nullptr || *list == '\0') return {};
  return parse_required(list, "CROSSTRACE_REQUIRE_DEVICES", declared);
}

std::string device_type(std::string_view name) {
  return std::string(name.substr(0, name.find(':')));
}

bool is_required(std::string_view name, const std::vector<std::string>& required) {
  return std::any_of(required.begin(), required.end(), [&](const std::string& word) {
    return word == name || word == device_type(name);
  });
}

}  // namespace crosstrace
