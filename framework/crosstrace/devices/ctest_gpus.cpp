// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/ctest_gpus.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace crosstrace {
namespace {

/// The groups of which CUDA_VISIBLE_DEVICES already speaks, in a process that another one started.
constexpr const char* kTaken = "CROSSTRACE_GPUS_OF_CTEST";

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, separator);) words.push_back(word);
  return words;
}

bool hides_all(const std::string& visible) {
  return visible.empty() || visible.starts_with('-');  // -1 is what people write.
}

/// `id:3,slots:1` of the group that is shown in `group`.
std::size_t number_of(const std::string& resource, const std::string& group) {
  const std::string_view text(resource);
  const std::string_view id = text.substr(0, text.find(','));
  std::size_t number = 0;
  const char* end = id.data() + id.size();
  if (!id.starts_with("id:") || id.size() == 3 ||
      std::from_chars(id.data() + 3, end, number).ptr != end) {
    throw std::invalid_argument("CTest gave this test '" + group +
                                "' of the resource gpus, and an id must be the number of a GPU; "
                                "`crosstrace devices --ctest-spec FILE` writes such a file");
  }
  return number;
}

std::vector<std::string> groups_of_ctest() {
  std::vector<std::string> groups;
  const int count = std::atoi(variable("CTEST_RESOURCE_GROUP_COUNT").value_or("0").c_str());
  for (int i = 0; i < count; ++i) {
    const auto group = variable("CTEST_RESOURCE_GROUP_" + std::to_string(i) + "_GPUS");
    if (group) groups.push_back(*group);
  }
  return groups;
}

std::string take() try {
  const std::vector<std::string> groups = groups_of_ctest();
  std::string all;
  for (const std::string& group : groups) all += group + '|';
  if (groups.empty() || variable(kTaken) == all) return "";
  const std::string visible = visible_gpus(groups, variable("CUDA_VISIBLE_DEVICES"));
  setenv("CUDA_VISIBLE_DEVICES", visible.c_str(), 1);
  setenv(kTaken, all.c_str(), 1);
  return "";
} catch (const std::invalid_argument& error) {
  return error.what();
}

}  // namespace

std::string ctest_spec(const std::vector<int>& gpus) {
  std::string list;
  for (const int gpu : gpus) {
    list += std::string(list.empty() ? "" : ",") + "\n    {\"id\": \"" + std::to_string(gpu) +
            "\", \"slots\": 1}";
  }
  return "{\"version\": {\"major\": 1, \"minor\": 0}, \"local\": [{\"gpus\": [" + list + "]}]}\n";
}

std::string visible_gpus(const std::vector<std::string>& groups,
                         const std::optional<std::string>& visible) {
  if (visible && hides_all(*visible)) return *visible;
  const std::vector<std::string> words = split(visible.value_or(""), ',');
  std::vector<std::string> shown;
  for (const std::string& group : groups) {
    for (const std::string& resource : split(group, ';')) {
      const std::size_t number = number_of(resource, group);
      if (visible && number >= words.size()) {
        throw std::invalid_argument("CTest gave this test GPU " + std::to_string(number) +
                                    ", but CUDA_VISIBLE_DEVICES='" + *visible + "' shows only " +
                                    std::to_string(words.size()));
      }
      std::string word = visible ? words[number] : std::to_string(number);
      if (std::find(shown.begin(), shown.end(), word) == shown.end()) shown.push_back(word);
    }
  }
  std::string list;
  for (const std::string& word : shown) list += (list.empty() ? "" : ",") + word;
  return list;
}

const std::string& take_gpus_of_ctest() {
  static const std::string problem = take();
  return problem;
}

}  // namespace crosstrace
