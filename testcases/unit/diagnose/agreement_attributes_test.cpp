// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/models/register.h>
#include <torch/csrc/jit/api/module.h>

#include "unit/diagnose/agreement.h"
#include "unit/temporary_file.h"

// Attributes and state: what predictions say of archives is what the cells do.
namespace crosstrace {
namespace {

using torch::jit::Module;

struct Case {
  const char* name;
  void (*fill)(Module& module);
  const char* body;
  Told told = Told::kExactly;
};

template <class T>
c10::List<T> list_of(std::initializer_list<T> items) {
  return c10::List<T>(items);
}

void tensor(Module& module) {
  module.register_attribute("kept", c10::TensorType::get(), at::arange(4.0));
}

void scalar(Module& module) {
  module.register_attribute("kept", c10::TensorType::get(), at::scalar_tensor(2.0));
}

void buffer(Module& module) { module.register_buffer("kept", at::arange(4.0)); }

void tensors(Module& module) {
  module.register_attribute("kept", c10::ListType::ofTensors(),
                            list_of<at::Tensor>({at::arange(4.0), at::ones({4})}));
}

void no_tensors(Module& module) {
  module.register_attribute("kept", c10::ListType::ofTensors(), c10::List<at::Tensor>());
}

void dict(Module& module) {
  c10::Dict<std::string, at::Tensor> values;
  values.insert("a", at::arange(4.0));
  module.register_attribute(
      "kept", c10::DictType::create(c10::StringType::get(), c10::TensorType::get()), values);
}

void pair(Module& module) {
  const auto type = c10::TupleType::create({c10::TensorType::get(), c10::IntType::get()});
  module.register_attribute("kept", type,
                            c10::ivalue::Tuple::create({c10::IValue(at::arange(4.0)), 2}));
}

void nothing(Module& module) {
  module.register_attribute("kept", c10::OptionalType::ofTensor(), c10::IValue());
}

void optional(Module& module) {
  module.register_attribute("kept", c10::OptionalType::ofTensor(), at::arange(4.0));
}

void device(Module& module) {
  module.register_attribute("kept", c10::DeviceObjType::get(), c10::Device(c10::kCPU));
}

void number(Module& module) { module.register_attribute("kept", c10::IntType::get(), 0); }

void word(Module& module) {
  module.register_attribute("kept", c10::StringType::get(), std::string("plain"));
}

void submodule(Module& module) {
  Module inner("__torch__.Inner", module._ivalue()->compilation_unit());
  inner.register_attribute("table", c10::TensorType::get(), at::arange(4.0));
  inner.define("def forward(self, x: Tensor):\n    return x * self.table\n");
  module.register_module("kept", inner);
}

void shared_submodule(Module& module) {
  submodule(module);
  module.register_module("again", module.attr("kept").toModule());
}

const Case kCases[] = {
    {"Tensor", tensor, "return x + self.kept"},
    {"TensorMovedBeforeUse", tensor, "return x + self.kept.to(x.device)"},
    {"TensorAsIndex", tensor, "return x[:, self.kept.long()]"},
    {"TensorAsNumber", tensor, "return x * float(self.kept.sum())"},
    {"TensorNeverUsed", tensor, "return x * 2"},
    {"TensorAsOutput", tensor, "return x * 2, self.kept * int(x.sum() * 100)"},
    {"Scalar", scalar, "return x * self.kept"},
    {"ScalarInStack", scalar, "return torch.stack([x.sum(), self.kept])"},
    {"Buffer", buffer, "return x * self.kept"},
    {"List", tensors, "return x * self.kept[0] + self.kept[1]"},
    {"ListInLoop", tensors, "for t in self.kept:\n    x = x + t\nreturn x"},
    {"ListReplaced", tensors, "self.kept = [x, x]\nreturn x * self.kept[0]"},
    {"ListItemReplaced", tensors, "self.kept[0] = x\nreturn x * self.kept[0]"},
    {"Dict", dict, "return x + self.kept['a']"},
    {"DictReplaced", dict, "self.kept['a'] = x\nreturn x + self.kept['a']"},
    {"Tuple", pair, "return x + self.kept[0] * self.kept[1]"},
    {"TupleNumber", pair, "return x * self.kept[1]"},
    {"LazyCache", nothing,
     "c = self.kept\nif c is None:\n    c = torch.ones_like(x)\n    self.kept = c\nreturn x + c"},
    {"LazyCacheOnCpu", nothing,
     "c = self.kept\nif c is None:\n    c = torch.ones([4])\n    self.kept = c\nreturn x + c"},
    {"FilledCache", optional,
     "c = self.kept\nif c is None:\n    c = torch.ones_like(x)\nreturn x + c"},
    {"SecondCall", nothing,
     "c = self.kept\nif c is not None:\n    x = x + c\nself.kept = x.cpu() * 0.0\nreturn x * 2"},
    {"SecondCallOnDevice", nothing,
     "c = self.kept\nif c is not None:\n    x = x + c\nself.kept = x * 0.0\nreturn x * 2"},
    {"HiddenState", tensor, "self.kept = self.kept * 0.5 + x[0]\nreturn x + self.kept"},
    {"ListGrows", no_tensors, "self.kept.append(x * 2)\nreturn self.kept[0] + x"},
    {"ListGrowsOnCpu", no_tensors, "self.kept.append(torch.ones([4]))\nreturn self.kept[0] + x"},
    {"Device", device, "return x + torch.arange(4, device=self.kept)"},
    {"DeviceInTransfer", device, "return x.to(self.kept) * 2"},
    {"DeviceCompared", device,
     "if x.device == self.kept:\n    x = x + torch.arange(4)\nreturn x * 2"},
    {"NumberDecides", number, "if self.kept == 1:\n    x = x + torch.arange(4)\nreturn x * 2"},
    {"NumberCounts", number,
     "if self.kept > 0:\n    x = x + torch.arange(4)\nself.kept = self.kept + 1\nreturn x * 2",
     Told::kMaybe},
    {"WordDecides", word,
     "if self.kept == 'plain':\n    x = x * 3\nelse:\n    x = x + torch.arange(4)\nreturn x * 2"},
    {"Submodule", submodule, "return self.kept.forward(x)"},
    {"SharedSubmodule", shared_submodule, "return self.kept.forward(x) + self.again.forward(x)"},
};

class AttributeAgreement : public ::testing::TestWithParam<Case> {};

TEST_P(AttributeAgreement, PredictsWhatEveryCellDoes) {
  Module module("__torch__.Holder");
  GetParam().fill(module);
  std::string source = "def forward(self, x: Tensor):\n    ";
  for (const char* c = GetParam().body; *c != '\0'; ++c) {
    source += *c;
    if (*c == '\n') source += "    ";
  }
  module.define(source + "\n");
  const TemporaryFile file(std::string(GetParam().name) + "_attributes.pt");
  module.save(file.path());
  const Model model = ModelBuilder("M", {"m.cpp", 1})
                          .archive(file.path())
                          .inputs([] {
                            return at::rand({3, 4}) + 0.5;
                          })
                          .build();
  expect_agreement(model, GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(Diagnose, AttributeAgreement, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace crosstrace
