// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/core/class_type.h>
#include <ATen/core/enum_type.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/compare/compare.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/custom_class.h>

#include <memory>
#include <string>
#include <vector>

namespace crosstrace {
namespace {

using c10::IValue;

/// An object of a TorchScript class with the attributes `boxes` and, of that name, one more.
IValue object(const std::string& last_attribute, const at::Tensor& boxes, const at::Tensor& last) {
  const auto unit = std::make_shared<torch::jit::CompilationUnit>();
  const auto type = c10::ClassType::create(c10::QualifiedName("__torch__.Detections"), unit);
  unit->register_type(type);
  type->addAttribute("boxes", c10::TensorType::get());
  type->addAttribute(last_attribute, c10::TensorType::get());
  const auto result = c10::ivalue::Object::create(c10::StrongTypePtr(unit, type), 2);
  result->setAttr("boxes", boxes);
  result->setAttr(last_attribute, last);
  return result;
}

const at::Tensor kOne = at::ones({2}), kTwo = at::full({2}, 2.0);

TEST(CompareObjectTest, ComparesAttributes) {
  const auto expected = object("scores", kOne, kTwo);
  const auto same = compare(object("scores", kOne.clone(), kTwo.clone()), expected);
  EXPECT_TRUE(same.matches()) << same.message();
  ASSERT_EQ(same.leaves.size(), 2);
  EXPECT_EQ(same.leaves[1].path, "output.scores");

  const auto other = compare(object("scores", kOne, kOne), expected);
  EXPECT_EQ(other.difference(), Difference::kValues);
  EXPECT_THAT(other.message(), testing::StartsWith("output.scores: 2 of 2 elements (100%) differ"));
}

TEST(CompareObjectTest, TellsOtherAttributes) {
  EXPECT_EQ(compare(object("labels", kOne, kTwo), object("scores", kOne, kTwo)).message(),
            "output.scores: missing\n"
            "output.labels: not expected");
}

TEST(CompareObjectTest, TellsAnotherKind) {
  EXPECT_EQ(compare(object("scores", kOne, kTwo), kOne).message(),
            "output: object of class __torch__.Detections, expected Tensor");
}

TEST(CompareObjectTest, IsBitwiseEqualByAttribute) {
  EXPECT_TRUE(bitwise_equal(object("scores", kOne, kTwo), object("scores", kOne, kTwo)));
  EXPECT_FALSE(bitwise_equal(object("scores", kOne, kTwo), object("scores", kOne, kOne)));
  EXPECT_FALSE(bitwise_equal(object("labels", kOne, kTwo), object("scores", kOne, kTwo)));
}

struct Tokenizer : torch::CustomClassHolder {};

TEST(CompareObjectTest, RefusesACustomCppClass) {
  static const auto registration =
      torch::class_<Tokenizer>("crosstrace_tests", "Tokenizer").def(torch::init<>());
  const IValue tokenizer = c10::make_intrusive<Tokenizer>();
  const auto comparison = compare(tokenizer, tokenizer);
  EXPECT_EQ(comparison.difference(), Difference::kStructure);
  EXPECT_EQ(comparison.message(),
            "output: object of the C++ class __torch__.torch.classes.crosstrace_tests.Tokenizer "
            "holds no values that can be compared");
}

TEST(CompareEnumTest, ComparesMembers) {
  const auto unit = std::make_shared<torch::jit::CompilationUnit>();
  const auto type = c10::EnumType::create(c10::QualifiedName("__torch__.Color"),
                                          c10::IntType::get(), {{"kRed", 0}, {"kBlue", 1}}, unit);
  const IValue red(c10::make_intrusive<c10::ivalue::EnumHolder>(type, "kRed", 0));
  const IValue blue(c10::make_intrusive<c10::ivalue::EnumHolder>(type, "kBlue", 1));
  EXPECT_TRUE(compare(red, red).matches());
  EXPECT_EQ(compare(red, blue).message(), "output: enum kRed, expected kBlue");
  EXPECT_FALSE(bitwise_equal(red, blue));
}

}  // namespace
}  // namespace crosstrace
