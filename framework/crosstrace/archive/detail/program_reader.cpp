// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// As ScriptModuleDeserializer does (torch/csrc/jit/serialization/import.cpp), of which LibTorch
// exports the parts.

#include <crosstrace/archive/detail/program_reader.h>
#include <crosstrace/archive/detail/read_record.h>
#include <crosstrace/archive/detail/source_lines.h>
#include <crosstrace/archive/detail/stored_state.h>
#include <torch/csrc/jit/serialization/import_read.h>
#include <torch/csrc/jit/serialization/import_source.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace crosstrace::detail {
namespace {

namespace jit = torch::jit;
using caffe2::serialize::PyTorchStreamReader;

/// The code of `__torch__.net.Net` is in `code/__torch__/net.py`.
std::shared_ptr<jit::Source> find_source(PyTorchStreamReader& reader, const std::string& module) {
  std::string path = "code/" + module + ".py";
  std::replace(path.begin(), path.end() - 3, '.', '/');
  if (!reader.hasRecord(path)) return nullptr;
  std::shared_ptr<SourceLines> lines;
  if (const std::string debug = path + ".debug_pkl"; reader.hasRecord(debug)) {
    lines = std::make_shared<SourceLines>(read_record(reader, debug));
  }
  return std::make_shared<jit::Source>(read_record(reader, path), path, 1, lines);
}

/// Its class pickles a state of its own instead of its attributes.
bool has_own_state(const c10::ClassType& type) {
  return type.findMethod("__getstate__") != nullptr && type.findMethod("__setstate__") != nullptr;
}

c10::intrusive_ptr<c10::ivalue::Object> make_object(const c10::StrongTypePtr& type,
                                                    c10::IValue state) {
  const auto cls = type.type_->expect<c10::ClassType>();
  auto object = c10::ivalue::Object::create(type, cls->numAttributes());
  if (has_own_state(*cls)) {
    restore_state(object, std::move(state));
    return object;
  }
  const auto attributes = state.toGenericDict();
  for (std::size_t i = 0; i < cls->numAttributes(); ++i) {
    object->setSlot(i, attributes.at(cls->getAttributeName(i)));
  }
  return object;
}

class ProgramReader {
 public:
  explicit ProgramReader(std::shared_ptr<caffe2::serialize::ReadAdapterInterface> file)
      : reader_(std::move(file)),
        importer_(
            unit_, &constants_,
            [this](const std::string& module) { return find_source(reader_, module); },
            reader_.version()) {}

  jit::Module read() {
    const auto constants = unpickled("constants").toTuple();
    for (const c10::IValue& constant : constants->elements()) constants_.push_back(constant);
    return jit::Module(unpickled("data").toObject());
  }

 private:
  c10::IValue unpickled(const std::string& archive) {
    const auto resolve = [this](const c10::QualifiedName& name) {
      return c10::StrongTypePtr(unit_, importer_.loadType(name));
    };
    return jit::readArchiveAndTensors(archive, "", "", resolve, &make_object,
                                      c10::Device(c10::kCPU), reader_);
  }

  PyTorchStreamReader reader_;
  std::shared_ptr<jit::CompilationUnit> unit_ = std::make_shared<jit::CompilationUnit>();
  std::vector<c10::IValue> constants_;
  jit::SourceImporter importer_;
};

}  // namespace

jit::Module read_program(std::shared_ptr<caffe2::serialize::ReadAdapterInterface> file) {
  return ProgramReader(std::move(file)).read();
}

}  // namespace crosstrace::detail
