// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/file_kind.h>

#include <algorithm>

namespace crosstrace::detail {
namespace {

using namespace std::string_view_literals;

std::string exportable(std::string what) {
  what += "; export the model with torch.jit.script or torch.jit.trace";
  return what;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// `torch.nn.modules.linear.Linear` of GLOBAL `torch.nn.modules.linear\nLinear\n`.
std::string global_name(std::string_view pickle) {
  const std::size_t middle = pickle.find('\n');
  const std::size_t end = middle == pickle.npos ? middle : pickle.find('\n', middle + 1);
  if (end == pickle.npos) return "";
  std::string name(pickle.substr(0, middle));
  return name + "." + std::string(pickle.substr(middle + 1, end - middle - 1));
}

}  // namespace

std::string kind_of_pickle(std::string_view pickle) {
  const char first = pickle.size() < 3 ? '.' : pickle[2];  // Behind the protocol and its number.
  const std::string name = first == 'c' ? global_name(pickle.substr(3)) : "";
  const bool is_dict = first == '}' || name == "collections.OrderedDict";
  std::string what = "values";
  if (is_dict) {
    what = "a dict, such as a state_dict,";
  } else if (name.starts_with("torch._utils._rebuild_")) {
    what = "a tensor";
  } else if (!name.empty()) {
    what = "a Python object of class " + name;
  }
  what = "it holds " + what + " that torch.save wrote, and no program";
  if (is_dict) return what + "; load it into its model in Python and export that";
  return name.empty() || what.starts_with("it holds a tensor") ? what : exportable(what);
}

std::string kind_of_file(std::string_view start) {
  // torch.save's magic number, before it wrote zip archives.
  if (start.starts_with("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20"sv)) {
    return exportable("it holds values that torch.save wrote before PyTorch 1.6, and no program");
  }
  if (start.starts_with("version https://git-lfs")) {
    return "it is a pointer of Git LFS to a file that was not fetched; run git lfs pull";
  }
  if (start.size() > 8 && start.substr(4, 4) == "PTMF") {
    return "it is a flatbuffer for the lite interpreter, which holds bytecode and no program";
  }
  if (start.starts_with("\x89HDF")) return "it is an HDF5 file";
  if (start.starts_with("\x1f\x8b")) return "it is compressed with gzip; unpack it first";
  if (start.size() > 9 && start[8] == '{')
    return "it is a safetensors file, which holds no program";
  if (start.starts_with("<!DOCTYPE") || start.starts_with("<html")) {
    return "it is a web page; the download gave no file";
  }
  return "";
}

std::string kind_of_archive(const std::vector<std::string>& names) {
  if (has(names, "archive_format") || has(names, "serialized_exported_program.json")) {
    return exportable("it is a program of torch.export (.pt2), which is no TorchScript");
  }
  if (has(names, ".data/extern_modules")) {
    return exportable("it is a package of Python code that torch.package wrote");
  }
  return "";
}

}  // namespace crosstrace::detail
