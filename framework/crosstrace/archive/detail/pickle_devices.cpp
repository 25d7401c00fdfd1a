// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/pickle_devices.h>
#include <crosstrace/archive/detail/pickle_reader.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <vector>

// LibTorch's pickler (torch/csrc/jit/serialization/pickler.cpp) names a device in two places:
// - the storage of a tensor, a persistent id ('storage', type, key, location, elements): a text, a
//   number, TUPLE, BINPERSID;
// - a device value: GLOBAL torch.device, a text, TUPLE1, REDUCE.
// A text that came before is a reference to its memo entry, and a PUT stands behind what may be
// referred to. One entry serves storages, devices and other texts alike.
namespace crosstrace::detail {
namespace {

enum class Use { kOther, kStorage, kDevice };

/// `cpu`, `cuda:1`, or another word of that form.
bool is_device(std::string_view text) {
  const auto is_letter = [](unsigned char c) { return std::islower(c) != 0 || c == '_'; };
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view index = colon == text.size() ? "0" : text.substr(colon + 1);
  return colon > 0 && text.size() <= 32 && !index.empty() &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), is_letter) &&
         std::all_of(index.begin(), index.end(), is_digit);
}

bool is_integer(const PickleOp& op) {
  return op.code == 'K' || op.code == 'M' || op.code == 'J' || op.code == 0x8A;
}

class Scanner {
 public:
  explicit Scanner(std::vector<PickleOp> ops) : ops_(std::move(ops)) {}

  /// `see` is told every instruction, with the device that it names, if it looks like one.
  void scan(const std::function<void(const PickleOp&, const std::string*, Use)>& see) {
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      const PickleOp& op = ops_[i];
      std::string name;
      if (op.is_text() && is_device(op.text)) name = op.text;
      if (op.is_get() && texts_.contains(op.number)) name = texts_[op.number];
      see(op, name.empty() ? nullptr : &name, name.empty() ? Use::kOther : use_of(i));
      if (op.is_put()) remember(i);
    }
  }

 private:
  void remember(std::size_t put) {
    const std::uint64_t entry = ops_[put].number;
    texts_.erase(entry);
    device_types_.erase(entry);
    if (put == 0) return;
    const PickleOp& op = ops_[put - 1];
    if (op.is_text() && is_device(op.text)) texts_[entry] = op.text;
    if (op.code == 'c' && op.text == "torch\ndevice") device_types_.insert(entry);
  }

  Use use_of(std::size_t at) const {
    const std::size_t second = after(at), third = after(second), fourth = after(third);
    if (third >= ops_.size()) return Use::kOther;
    if (ops_[second].code == 0x85 && ops_[third].code == 'R' && follows_device_type(at)) {
      return Use::kDevice;
    }
    const bool is_storage = is_integer(ops_[second]) && ops_[third].code == 't' &&
                            fourth < ops_.size() && ops_[fourth].code == 'Q';
    return is_storage ? Use::kStorage : Use::kOther;
  }

  std::size_t after(std::size_t at) const {
    ++at;
    while (at < ops_.size() && ops_[at].is_put()) ++at;
    return at;
  }

  bool follows_device_type(std::size_t at) const {
    while (at > 0 && ops_[at - 1].is_put()) --at;
    if (at == 0) return false;
    const PickleOp& op = ops_[at - 1];
    return (op.code == 'c' && op.text == "torch\ndevice") ||
           (op.is_get() && device_types_.contains(op.number));
  }

  std::vector<PickleOp> ops_;
  std::map<std::uint64_t, std::string> texts_;  ///< By memo entry.
  std::set<std::uint64_t> device_types_;        ///< Memo entries.
};

std::vector<PickleOp> read_ops(std::string_view pickle) {
  PickleReader reader(pickle);
  std::vector<PickleOp> ops;
  do {
    ops.push_back(reader.next());
  } while (ops.back().code != '.');
  return ops;
}

/// Those in front of what is broken.
std::vector<PickleOp> read_whole_ops(std::string_view pickle) {
  PickleReader reader(pickle);
  std::vector<PickleOp> ops;
  try {
    do {
      ops.push_back(reader.next());
    } while (ops.back().code != '.');
  } catch (const std::runtime_error&) {
  }
  return ops;
}

std::string text_op(const std::string& text) {
  std::string bytes = "X";
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(text.size() >> 8 * i);
  return bytes + text;
}

}  // namespace

PickleDevices devices_in_pickle(std::string_view pickle) {
  PickleDevices devices;
  Scanner(read_whole_ops(pickle)).scan([&](const PickleOp&, const std::string* name, Use use) {
    if (use == Use::kStorage) devices.storages.insert(*name);
    if (use == Use::kDevice) devices.values.insert(*name);
  });
  return devices;
}

std::string rename_devices(std::string_view pickle,
                           const std::map<std::string, std::string>& names) {
  std::string renamed;
  Scanner(read_ops(pickle)).scan([&](const PickleOp& op, const std::string* name, Use use) {
    const auto other = name == nullptr ? names.end() : names.find(*name);
    if (other == names.end()) {
      renamed += pickle.substr(op.begin, op.end - op.begin);
    } else {
      // Spelled out each time, so that it no longer matters what a memo entry says.
      renamed += text_op(use == Use::kOther ? *name : other->second);
    }
  });
  return renamed;
}

}  // namespace crosstrace::detail
