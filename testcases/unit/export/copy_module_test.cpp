// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/export/copy_module.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import_source.h>

#include <memory>
#include <string>
#include <vector>

namespace crosstrace {
namespace {

/// A module with objects of a class, and a function that it calls, as an archive has them.
constexpr const char* kCode = R"(
class Counter:
  n : int
  t : Tensor
  def bump(self: __torch__.Counter, x: Tensor) -> Tensor:
    self.n = torch.add(self.n, 1)
    _0 = torch.add_(self.t, 1)
    return torch.add(x, self.t)
def twice(x: Tensor) -> Tensor:
  return torch.mul(x, 2)
class M(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  counters : List[__torch__.Counter]
  by_name : Dict[str, __torch__.Counter]
  def forward(self: __torch__.M, x: Tensor) -> Tensor:
    counter = (self.counters)[0]
    y = (counter).bump(x, )
    named = (self.by_name)["first"]
    z = (named).bump(y, )
    return __torch__.twice(z, )
)";

class CopyModule : public ::testing::Test {
 protected:
  CopyModule() {
    const auto source = std::make_shared<torch::jit::Source>(kCode, "code", 1);
    torch::jit::SourceImporter importer(
        unit_, &constants_,
        [=](const std::string& name) { return name == "__torch__" ? source : nullptr; }, 9);
    module_ = torch::jit::Module(
        unit_, importer.loadType(c10::QualifiedName("__torch__.M"))->expect<c10::ClassType>());
    const auto type =
        importer.loadType(c10::QualifiedName("__torch__.Counter"))->expect<c10::ClassType>();
    const auto counter = c10::ivalue::Object::create(c10::StrongTypePtr(unit_, type), 2);
    counter->setSlot(0, 0);
    counter->setSlot(1, at::zeros({1}));
    c10::impl::GenericList counters(type);
    counters.push_back(counter);
    c10::impl::GenericDict by_name(c10::StringType::get(), type);
    by_name.insert("first", counter);
    module_.setattr("training", false);
    module_.setattr("counters", counters);
    module_.setattr("by_name", by_name);
  }

  static std::int64_t count_of(const torch::jit::Module& module) {
    return module.attr("counters").toListRef()[0].toObjectRef().getSlot(0).toInt();
  }

  std::shared_ptr<torch::jit::CompilationUnit> unit_ =
      std::make_shared<torch::jit::CompilationUnit>();
  std::vector<at::IValue> constants_;
  torch::jit::Module module_;
};

TEST_F(CopyModule, CopiesObjectsOfItsClasses) {
  torch::jit::Module copy = copy_module(module_);
  const at::Tensor answer = copy.forward({at::ones({1})}).toTensor();
  EXPECT_EQ(answer.item<float>(), 2 * (1 + 1 + 2));  // One object at two places.
  EXPECT_EQ(count_of(copy), 2);
  EXPECT_EQ(count_of(module_), 0);
  EXPECT_EQ(copy_module(module_).forward({at::ones({1})}).toTensor().item<float>(), 8);
}

TEST_F(CopyModule, HasClassesAndFunctionsOfItsOwn) {
  const torch::jit::Module copy = copy_module(module_);
  const auto unit = copy._ivalue()->compilation_unit();
  ASSERT_NE(unit->find_function(c10::QualifiedName("__torch__.twice")), nullptr);
  EXPECT_NE(unit->find_function(c10::QualifiedName("__torch__.twice")),
            unit_->find_function(c10::QualifiedName("__torch__.twice")));
  const auto object = copy.attr("counters").toListRef()[0].toObject();
  EXPECT_EQ(object->type()->compilation_unit(), unit);
}

TEST_F(CopyModule, SharesTheMemoryOfTensorsIfItIsToldSo) {
  const torch::jit::Module apart = copy_module(module_);
  const torch::jit::Module sharing = copy_module(module_, [](const at::Tensor&) { return true; });
  const auto tensor = [](const torch::jit::Module& module) {
    return module.attr("counters").toListRef()[0].toObjectRef().getSlot(1).toTensor();
  };
  EXPECT_NE(tensor(apart).data_ptr(), tensor(module_).data_ptr());
  EXPECT_EQ(tensor(sharing).data_ptr(), tensor(module_).data_ptr());
  EXPECT_FALSE(tensor(sharing).is_same(tensor(module_)));
}

}  // namespace
}  // namespace crosstrace
