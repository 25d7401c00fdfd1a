// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/core/Dict.h>
#include <ATen/core/List.h>
#include <ATen/core/jit_type.h>
#include <crosstrace/compare/compare.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace crosstrace {
namespace {

using c10::IValue;
using testing::ElementsAre;

IValue tuple(std::vector<IValue> elements) {
  return c10::ivalue::Tuple::create(std::move(elements));
}

IValue list(const std::vector<at::Tensor>& elements) { return c10::List<at::Tensor>(elements); }

IValue dict(const std::vector<std::pair<std::string, at::Tensor>>& entries) {
  c10::Dict<std::string, at::Tensor> result;
  for (const auto& [key, value] : entries) result.insert(key, value);
  return result;
}

IValue named_tuple(const std::vector<std::string>& fields, std::vector<IValue> elements) {
  std::vector<c10::TypePtr> types(fields.size(), c10::TensorType::get());
  const auto type = c10::TupleType::createNamed(c10::QualifiedName("Boxes"), fields, types);
  return c10::ivalue::Tuple::createNamed(std::move(elements), type);
}

std::vector<std::string> paths(const Comparison& comparison) {
  std::vector<std::string> result;
  for (const auto& leaf : comparison.leaves) result.push_back(leaf.path);
  return result;
}

std::string message(const IValue& actual, const IValue& expected) {
  return compare(actual, expected).message();
}

const at::Tensor kOne = at::ones({2}), kTwo = at::full({2}, 2.0);

TEST(CompareStructureTest, NamesEveryLeafByItsPath) {
  const auto value = tuple({kOne, list({kOne, kTwo}), dict({{"boxes", kOne}}), IValue(), 3});
  const auto comparison = compare(value, value);
  EXPECT_TRUE(comparison.matches());
  EXPECT_THAT(paths(comparison), ElementsAre("output[0]", "output[1][0]", "output[1][1]",
                                             "output[2][\"boxes\"]", "output[3]", "output[4]"));
}

TEST(CompareStructureTest, BeginsPathsAsAsked) {
  EXPECT_EQ(compare(1, 2, {.name = "hidden"}).message().substr(0, 7), "hidden:");
}

TEST(CompareStructureTest, NamesFieldsOfANamedTuple) {
  const auto value = named_tuple({"boxes", "scores"}, {kOne, kTwo});
  EXPECT_THAT(paths(compare(value, value)), ElementsAre("output.boxes", "output.scores"));
  EXPECT_THAT(paths(compare(tuple({kOne, kTwo}), value)),
              ElementsAre("output.boxes", "output.scores"));
  EXPECT_THAT(paths(compare(value, tuple({kOne, kTwo}))),
              ElementsAre("output.boxes", "output.scores"));
}

TEST(CompareStructureTest, TellsAnotherField) {
  EXPECT_EQ(message(named_tuple({"boxes", "labels"}, {kOne, kTwo}),
                    named_tuple({"boxes", "scores"}, {kOne, kTwo})),
            "output: field .labels, expected field .scores");
}

TEST(CompareStructureTest, TellsAnotherKind) {
  const auto comparison = compare(tuple({kOne}), kOne);
  EXPECT_EQ(comparison.difference(), Difference::kStructure);
  EXPECT_EQ(comparison.message(), "output: tuple of 1, expected Tensor");
  EXPECT_EQ(message(list({kOne}), tuple({kOne})), "output: list of 1, expected tuple of 1");
  EXPECT_EQ(message(IValue(), kOne), "output: None, expected Tensor");
  EXPECT_EQ(message(dict({{"a", kOne}}), std::string("a")),
            "output: dict with 1 key, expected str");
}

TEST(CompareStructureTest, TellsAnotherLength) {
  EXPECT_EQ(message(tuple({kOne, list({kOne})}), tuple({kOne, list({kOne, kTwo})})),
            "output[1]: list of 1, expected list of 2");
}

TEST(CompareStructureTest, MatchesDictsInAnyOrder) {
  EXPECT_TRUE(
      compare(dict({{"a", kOne}, {"b", kTwo}}), dict({{"b", kTwo}, {"a", kOne}})).matches());
}

TEST(CompareStructureTest, TellsMissingAndUnexpectedKeys) {
  EXPECT_EQ(message(dict({{"a", kOne}, {"c", kOne}}), dict({{"a", kOne}, {"b\n", kOne}})),
            "output[\"b\\x0a\"]: missing\n"
            "output[\"c\"]: not expected");
}

TEST(CompareStructureTest, LooksUpNumericKeys) {
  c10::Dict<std::int64_t, at::Tensor> actual, expected;
  actual.insert(7, kOne);
  expected.insert(7, kTwo);
  EXPECT_EQ(message(actual, expected).substr(0, 10), "output[7]:");
}

TEST(CompareStructureTest, RefusesKeysThatAreTensors) {
  c10::Dict<at::Tensor, at::Tensor> by_tensor;
  by_tensor.insert(kOne, kOne);
  EXPECT_EQ(message(by_tensor, by_tensor),
            "output: dict whose keys are tensors holds no values that can be compared");
}

TEST(CompareStructureTest, TakesAnUndefinedTensorForNone) {
  EXPECT_TRUE(compare(at::Tensor(), IValue()).matches());
  EXPECT_TRUE(compare(IValue(), at::Tensor()).matches());
  EXPECT_TRUE(compare(tuple({kOne, at::Tensor()}), tuple({kOne, IValue()})).matches());
}

TEST(CompareStructureTest, MatchesEmptyContainers) {
  EXPECT_TRUE(compare(tuple({}), tuple({})).matches());
  EXPECT_TRUE(compare(list({}), list({})).matches());
  EXPECT_TRUE(compare(list({}), c10::List<std::int64_t>()).matches());
}

TEST(CompareStructureTest, RefusesWhatHoldsNoValues) {
  const IValue generator = at::detail::getDefaultCPUGenerator();
  const auto comparison = compare(generator, generator);
  EXPECT_EQ(comparison.difference(), Difference::kStructure);
  EXPECT_EQ(comparison.message(), "output: Generator holds no values that can be compared");
}

TEST(CompareNumberTest, MatchesWithinTheToleranceOfDouble) {
  EXPECT_TRUE(compare(1.0 + 1e-8, 1.0).matches());
  EXPECT_TRUE(compare(3, 3).matches());
  EXPECT_TRUE(compare(true, true).matches());
  EXPECT_TRUE(compare(c10::complex<double>(1, 2), c10::complex<double>(1, 2)).matches());
}

TEST(CompareNumberTest, TellsAnotherNumber) {
  EXPECT_EQ(message(1.5, 1.0),
            "output: float 1.5, expected 1 (absolute difference 0.5, allowed 2e-07)");
  EXPECT_EQ(message(4, 3), "output: int 4, expected 3 (absolute difference 1, allowed 0)");
  EXPECT_EQ(message(true, false), "output: bool true, expected false");
  EXPECT_EQ(message(c10::complex<double>(1, -2), c10::complex<double>(1, -1)),
            "output: complex 1-2j, expected 1-1j (absolute difference 1, allowed "
            "2.41421e-07)");
}

TEST(CompareNumberTest, TellsNan) {
  const auto comparison = compare(std::nan(""), 1.0);
  EXPECT_EQ(comparison.difference(), Difference::kNonfinite);
  EXPECT_EQ(comparison.message(), "output: float nan, expected 1");
  EXPECT_EQ(comparison.leaves[0].max_abs, 0);
}

TEST(CompareNumberTest, TellsAnotherTypeOfNumber) {
  const auto comparison = compare(1, 1.0);
  EXPECT_EQ(comparison.difference(), Difference::kDtype);
  EXPECT_EQ(comparison.message(), "output: int, expected float");
}

TEST(CompareNumberTest, TakesAListOfNumbersAsOneLeaf) {
  const auto comparison =
      compare(c10::List<std::int64_t>({1, 2, 4}), c10::List<std::int64_t>({1, 2, 3}));
  ASSERT_EQ(comparison.leaves.size(), 1);
  EXPECT_EQ(comparison.leaves[0].dtype, "List[int]");
  EXPECT_EQ(comparison.message(),
            "output: 1 of 3 elements (33.3%) differs (List[int] of 3)\n"
            "  greatest absolute difference 1 at [2], allowed 0\n"
            "  greatest relative difference 0.333333333 at [2], allowed 0\n"
            "  index: expected, actual, abs, rel\n"
            "  [2]: 3, 4, 1, 0.333333333");
}

TEST(CompareNumberTest, MatchesListsOfEveryNumber) {
  EXPECT_TRUE(compare(c10::List<double>({0.5}), c10::List<double>({0.5})).matches());
  EXPECT_TRUE(compare(c10::List<bool>({true}), c10::List<bool>({true})).matches());
  EXPECT_FALSE(compare(c10::List<bool>({true}), c10::List<bool>({false})).matches());
  using Complex = c10::complex<double>;
  EXPECT_TRUE(
      compare(c10::List<Complex>({Complex(1, 2)}), c10::List<Complex>({Complex(1, 2)})).matches());
}

TEST(CompareNumberTest, TellsListsOfOtherNumbers) {
  const auto comparison = compare(c10::List<std::int64_t>({1}), c10::List<double>({1}));
  EXPECT_EQ(comparison.difference(), Difference::kDtype);
  EXPECT_EQ(comparison.message(), "output: List[int] of 1, expected List[float] of 1");
  EXPECT_EQ(message(c10::List<double>({1, 2}), c10::List<double>({1})),
            "output: List[float] of 2, expected List[float] of 1");
}

TEST(CompareStringTest, TellsAnotherText) {
  EXPECT_TRUE(compare(std::string("cat"), std::string("cat")).matches());
  EXPECT_EQ(message(std::string("cat"), std::string("cow")),
            "output: str \"cat\", expected \"cow\"");
}

TEST(CompareStringTest, ShowsALongTextFromWhereItDiffers) {
  const std::string same(100, 'x');
  EXPECT_EQ(message(same + "a" + std::string(50, 'y'), same + "b"),
            "output: str \"ayyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"..., expected \"b\" from "
            "character 100 on");
}

TEST(CompareMessageTest, ShowsTheGravestDifferenceFirstAndNoMoreThanFive) {
  std::vector<at::Tensor> expected(7, kOne), actual(7, kTwo);
  actual[6] = at::ones({3});
  const auto comparison = compare(list(actual), list(expected));
  EXPECT_EQ(comparison.difference(), Difference::kShape);
  const auto text = comparison.message();
  EXPECT_EQ(text.substr(0, text.find('\n')), "output[6]: shape [3], expected [2] (Float on cpu)");
  EXPECT_EQ(text.substr(text.rfind('\n') + 1), "2 more outputs differ");
}

}  // namespace
}  // namespace crosstrace
