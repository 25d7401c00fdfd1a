// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/jit_type.h>
#include <crosstrace/devices/on_cpu.h>
#include <crosstrace/models/spec.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/pickle.h>
#include <unit/temporary_file.h>

#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace crosstrace {
namespace {

using c10::IValue;

IValue drawn(const std::string& spec, std::uint64_t seed = 0) {
  auto generator = at::detail::createCPUGenerator(seed);
  return draw(parse_spec(spec), generator);
}

std::string refusal(const std::string& spec) {
  try {
    (void)parse_spec(spec);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(SpecTest, DrawsANormalTensor) {
  const auto tensor = drawn("float32[100,100]").toTensor();
  EXPECT_EQ(tensor.sizes(), (std::vector<std::int64_t>{100, 100}));
  EXPECT_EQ(tensor.scalar_type(), at::kFloat);
  EXPECT_NEAR(tensor.mean().item<double>(), 0, 0.05);
  EXPECT_NEAR(tensor.std().item<double>(), 1, 0.05);
}

TEST(SpecTest, DrawsTheSameFromTheSameSeed) {
  const std::string spec = "tuple(float32[5], int64[5]=0..1000, list(bool[9]))";
  const auto first = drawn(spec, 7).toTupleRef().elements();
  const auto again = drawn(spec, 7).toTupleRef().elements();
  EXPECT_TRUE(first[0].toTensor().equal(again[0].toTensor()));
  EXPECT_TRUE(first[1].toTensor().equal(again[1].toTensor()));
  EXPECT_FALSE(first[0].toTensor().equal(drawn(spec, 8).toTupleRef().elements()[0].toTensor()));
}

TEST(SpecTest, DrawsAllFromTheDefaultGenerator) {
  const std::vector<InputSpec> specs{parse_spec("float32[3]"), parse_spec("2")};
  at::manual_seed(3);
  const auto first = draw_all(specs);
  at::manual_seed(3);
  EXPECT_TRUE(first[0].toTensor().equal(draw_all(specs)[0].toTensor()));
  EXPECT_EQ(first[1].toInt(), 2);
}

TEST(SpecTest, KnowsEveryDtype) {
  for (const auto* name :
       {"float32",         "float64",     "float16",         "bfloat16",  "float8_e4m3fn",
        "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "complex32", "complex64",
        "complex128",      "int8",        "int16",           "int32",     "int64",
        "uint8",           "uint16",      "uint32",          "uint64",    "bool"}) {
    const auto spec = parse_spec(std::string(name) + "[2,3]");
    auto generator = at::detail::createCPUGenerator(0);
    const auto tensor = draw(spec, generator).toTensor();
    EXPECT_EQ(tensor.scalar_type(), spec.dtype) << name;
    EXPECT_EQ(tensor.numel(), 6) << name;
  }
}

TEST(SpecTest, IncludesBothEndsOfAnIntegerRange) {
  const auto tensor = drawn("int64[1000]=-1..2").toTensor();
  EXPECT_EQ(tensor.min().item<int>(), -1);
  EXPECT_EQ(tensor.max().item<int>(), 2);
  EXPECT_EQ(drawn("uint8[1000]=255..255").toTensor().to(at::kInt).min().item<int>(), 255);
  const auto unbounded = drawn("int64[1000]=9223372036854775806..9223372036854775807").toTensor();
  EXPECT_EQ(unbounded.min().item<std::int64_t>(), 9223372036854775806);
  EXPECT_EQ(unbounded.max().item<std::int64_t>(), 9223372036854775807);
}

TEST(SpecTest, DrawsSmallIntegersWithoutARange) {
  const auto tensor = drawn("int32[1000]").toTensor();
  EXPECT_EQ(tensor.min().item<int>(), 0);
  EXPECT_EQ(tensor.max().item<int>(), 9);
}

TEST(SpecTest, DrawsUniformlyFromARangeOfReals) {
  const auto tensor = drawn("float32[1000]=-0.5..1e1").toTensor();
  EXPECT_GE(tensor.min().item<double>(), -0.5);
  EXPECT_LE(tensor.max().item<double>(), 10);
  EXPECT_NEAR(tensor.mean().item<double>(), 4.75, 0.5);
}

TEST(SpecTest, DrawsBothTruthValues) {
  const auto tensor = drawn("bool[100]").toTensor();
  EXPECT_TRUE(tensor.any().item<bool>());
  EXPECT_FALSE(tensor.all().item<bool>());
}

TEST(SpecTest, TakesTensorsWithoutDimensionsOrElements) {
  EXPECT_EQ(drawn("float32[]").toTensor().dim(), 0);
  EXPECT_EQ(drawn("float32[0,3]").toTensor().numel(), 0);
}

TEST(SpecTest, ReadsSingleValues) {
  EXPECT_EQ(drawn("16000").toInt(), 16000);
  EXPECT_EQ(drawn(" -3 ").toInt(), -3);
  EXPECT_EQ(drawn("0.5").toDouble(), 0.5);
  EXPECT_EQ(drawn("-1e-3").toDouble(), -1e-3);
  EXPECT_EQ(drawn("2.").toDouble(), 2);
  EXPECT_TRUE(drawn("true").toBool());
  EXPECT_FALSE(drawn("false").toBool());
  EXPECT_TRUE(drawn("none").isNone());
  EXPECT_EQ(drawn("\"a \\\"b\\\" \\\\ \\n\\t, )\"").toStringRef(), "a \"b\" \\ \n\t, )");
}

std::string type_of(const std::string& spec) {
  const auto parsed = parse_spec(spec);
  const auto value = drawn(spec);
  EXPECT_TRUE(value.isTuple() || *value.type() == *parsed.type) << spec;
  return parsed.type->annotation_str();
}

TEST(SpecTest, TypesContainersAsTorchScriptNeedsThem) {
  EXPECT_EQ(type_of("list(float32[1],int64[2])"), "List[Tensor]");
  EXPECT_EQ(type_of("list(1, 2)"), "List[int]");
  EXPECT_EQ(type_of("list(0.5)"), "List[float]");
  EXPECT_EQ(type_of("list(true)"), "List[bool]");
  EXPECT_EQ(type_of("list(\"a\")"), "List[str]");
  EXPECT_EQ(type_of("list()"), "List[Tensor]");
  EXPECT_EQ(type_of("list(list(1),list(2,3))"), "List[List[int]]");
  EXPECT_EQ(type_of("list(float32[1],none)"), "List[Optional[Tensor]]");
  EXPECT_EQ(type_of("dict(\"a\":float32[1],\"b\":float32[2])"), "Dict[str, Tensor]");
  EXPECT_EQ(type_of("tuple(1,tuple(),float32[1])"), "Tuple[int, Tuple[()], Tensor]");
  EXPECT_TRUE(drawn("list(1,2)").isIntList());
  EXPECT_TRUE(drawn("list(float32[1])").isTensorList());
}

TEST(SpecTest, TakesKeysThatAreNumbers) {
  EXPECT_EQ(type_of("dict(3:float32[1],-4:float32[2])"), "Dict[int, Tensor]");
  EXPECT_EQ(type_of("dict(0.5:1)"), "Dict[float, int]");
  EXPECT_EQ(type_of("dict(true:1,false:2)"), "Dict[bool, int]");
  EXPECT_EQ(drawn("dict(3:\"a\")").toGenericDict().at(3).toStringRef(), "a");
}

TEST(SpecTest, LeavesOnTheCpuWhatIsToStay) {
  EXPECT_TRUE(stays_on_cpu(drawn("cpu(int64[2])").toTensor()));
  EXPECT_FALSE(stays_on_cpu(drawn("int64[2]").toTensor()));
  const auto pair = drawn("tuple(cpu(list(float32[2])),float32[2])").toTupleRef().elements();
  EXPECT_TRUE(stays_on_cpu(pair[0].toTensorVector()[0]));
  EXPECT_FALSE(stays_on_cpu(pair[1].toTensor()));
}

/// The type of a SPEC for an argument of the type `wanted`.
std::string fitted(const std::string& text, const c10::TypePtr& wanted) {
  InputSpec spec = parse_spec(text);
  take_type(spec, wanted);
  auto generator = at::detail::createCPUGenerator(0);
  EXPECT_TRUE(draw(spec, generator).type()->isSubtypeOf(*spec.type)) << text;
  return spec.type->annotation_str();
}

TEST(SpecTest, GivesEmptyContainersTheTypeThatIsWanted) {
  using namespace c10;
  const TypePtr ints = ListType::ofInts(), texts = ListType::create(StringType::get());
  const TypePtr table = DictType::create(IntType::get(), ints);
  EXPECT_EQ(fitted("list()", texts), "List[str]");
  EXPECT_EQ(fitted("dict()", table), "Dict[int, List[int]]");
  EXPECT_EQ(fitted("list()", OptionalType::create(ints)), "List[int]");
  EXPECT_EQ(fitted("none", OptionalType::create(ints)), "NoneType");
  EXPECT_EQ(fitted("tuple(list(),dict(3:list()))", TupleType::create({texts, table})),
            "Tuple[List[str], Dict[int, List[int]]]");
  EXPECT_EQ(fitted("list(float32[1])", ListType::create(OptionalType::ofTensor())),
            "List[Optional[Tensor]]");
  EXPECT_EQ(fitted("list(1)", texts), "List[int]");  // It does not fit, and is said to be itself.
  EXPECT_EQ(fitted("dict(\"a\":1)", table), "Dict[str, int]");
}

TEST(SpecTest, GivesEmptyContainersTheTypeOfTheirNeighbours) {
  EXPECT_EQ(type_of("list(list(),list(1))"), "List[List[int]]");
  EXPECT_EQ(type_of("dict(1:dict(),2:dict(\"a\":0.5))"), "Dict[int, Dict[str, float]]");
}

TEST(SpecTest, GivesModulesWhatTheyDeclare) {
  torch::jit::Module module("m");
  module.define(R"(
    def forward(self, xs: List[Tensor], d: Dict[str, Tensor], n: Optional[int], t: Tuple[int, Tensor]):
        return xs[0] + d["a"] + t[1] * t[0]
  )");
  const auto result = module.forward({drawn("list(float32[2])"), drawn("dict(\"a\":float32[2])"),
                                      drawn("none"), drawn("tuple(3,float32[2])")});
  EXPECT_EQ(result.toTensor().numel(), 2);
}

class SpecFileTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (file_.folder() / name).string(); }

  std::string saved(const IValue& value) const {
    const auto bytes = torch::jit::pickle_save(value);
    std::ofstream(file_.path(), std::ios::binary).write(bytes.data(), bytes.size());
    return file_.path();
  }

  const TemporaryFile file_{"value.pt"};
};

TEST_F(SpecFileTest, LoadsASavedValue) {
  const auto tensor = at::rand({3});
  EXPECT_TRUE(drawn("@" + saved(tensor)).toTensor().equal(tensor));
  EXPECT_EQ(drawn("list(1, 2)").toListRef().size(), 2);
  EXPECT_EQ(type_of("tuple(@" + saved(tensor) + " , 3)"), "Tuple[Tensor, int]");
}

TEST_F(SpecFileTest, CopiesWhatItDraws) {
  const auto spec = parse_spec("@" + saved(at::zeros({2})));
  auto generator = at::detail::createCPUGenerator(0);
  draw(spec, generator).toTensor().fill_(1);
  EXPECT_EQ(draw(spec, generator).toTensor().sum().item<float>(), 0);
}

TEST_F(SpecFileTest, TypesWhatPythonLeavesUntyped) {
  c10::impl::GenericList list(c10::AnyType::get());
  list.push_back(at::ones({1}));
  list.push_back(at::ones({2}));
  c10::impl::GenericDict dict(c10::AnyType::get(), c10::AnyType::get());
  dict.insert("a", list);
  const auto loaded = drawn("@" + saved(dict));
  EXPECT_EQ(loaded.type()->annotation_str(), "Dict[str, List[Tensor]]");
}

TEST_F(SpecFileTest, TypesWhatIsEmptyAsItIsWanted) {
  c10::impl::GenericDict dict(c10::AnyType::get(), c10::AnyType::get());
  dict.insert("a", c10::impl::GenericList(c10::AnyType::get()));
  const c10::TypePtr wanted =
      c10::DictType::create(c10::StringType::get(), c10::ListType::ofInts());
  EXPECT_EQ(fitted("@" + saved(dict), wanted), "Dict[str, List[int]]");
}

TEST_F(SpecFileTest, SaysWhyAFileCannotBeRead) {
  const auto missing = path("missing.pt");
  EXPECT_EQ(refusal("@" + missing), "cannot read " + missing + ": No such file or directory");
  std::ofstream(path("empty.pt")).close();
  EXPECT_EQ(refusal("@" + path("empty.pt")),
            "cannot read " + path("empty.pt") + ": the file is empty");
  EXPECT_EQ(refusal("@" + file_.folder().string()),
            "cannot read " + file_.folder().string() + ": Is a directory");
  std::ofstream(path("text.pt")) << "no archive";
  const auto text = refusal("@" + path("text.pt"));
  EXPECT_THAT(text, testing::StartsWith("cannot read " + path("text.pt") + ": "));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("\n")));
}

TEST_F(SpecFileTest, RefusesAModule) {
  torch::jit::Module module("m");
  module.define("def forward(self, x):\n    return x\n");
  module.save(path("module.pt"));
  EXPECT_EQ(refusal("@" + path("module.pt")),
            "cannot read " + path("module.pt") +
                ": it is a TorchScript archive; expected values saved by torch.save");
}

TEST(SpecErrorTest, SaysWhereAndWhatWasExpected) {
  EXPECT_EQ(refusal("float32[1,3"), "'float32[1,3', column 12: expected ',' or ']'");
  EXPECT_EQ(refusal("float32"), "'float32', column 8: expected '['");
  EXPECT_EQ(refusal("float32[1,]"), "'float32[1,]', column 11: expected a number");
  EXPECT_EQ(refusal("float32[1.5]"), "'float32[1.5]', column 9: expected an integer");
  EXPECT_EQ(refusal("float32[-1]"), "'float32[-1]', column 9: a size cannot be negative");
  EXPECT_EQ(refusal("float32[1] 2"), "'float32[1] 2', column 12: expected the end");
  EXPECT_EQ(refusal("float32[9999999999,9999999999]"),
            "'float32[9999999999,9999999999]', column 20: the tensor is larger than memory can be");
  EXPECT_EQ(refusal("99999999999999999999"),
            "'99999999999999999999', column 1: the number is out of range");
  EXPECT_EQ(refusal("1e999"), "'1e999', column 1: the number is out of range");
  EXPECT_EQ(refusal("-"), "'-', column 1: expected a number");
  EXPECT_EQ(refusal("\"abc"), "'\"abc', column 1: the text has no closing '\"'");
  EXPECT_EQ(refusal("\"a\\q\""), "'\"a\\q\"', column 4: expected one of \\\", \\\\, \\n, \\t");
  EXPECT_EQ(refusal("list(1 2)"), "'list(1 2)', column 8: expected ',' or ')'");
  EXPECT_EQ(refusal("list"), "'list', column 5: expected '('");
  EXPECT_EQ(refusal("dict(a:1)"),
            "'dict(a:1)', column 6: expected a key: a \"text\", a number, true or false");
  EXPECT_EQ(refusal("dict(1:2,\"a\":3)"),
            "'dict(1:2,\"a\":3)', column 10: the keys of a dict are of one type");
  EXPECT_EQ(refusal("dict(1:2,1:3)"), "'dict(1:2,1:3)', column 10: the key is there twice");
  EXPECT_EQ(refusal("cpu(3)"),
            "'cpu(3)', column 1: cpu(...) is for tensors, and there is none in it");
  EXPECT_EQ(refusal("cpu float32[1]"), "'cpu float32[1]', column 5: expected '('");
  EXPECT_EQ(refusal("dict(\"a\" 1)"), "'dict(\"a\" 1)', column 10: expected ':'");
  EXPECT_EQ(refusal("dict(\"a\":1,\"a\":2)"),
            "'dict(\"a\":1,\"a\":2)', column 12: the key is there twice");
  EXPECT_EQ(refusal("@"), "'@', column 2: expected the name of a file");
}

TEST(SpecErrorTest, ListsWhatItKnows) {
  const std::string known =
      "expected a number, \"text\", true, false, none, list(...), tuple(...), dict(...), cpu(...), "
      "@file or a tensor such as float32[1,3] of one of float32, float64, float16, bfloat16, "
      "float8_e4m3fn, "
      "float8_e4m3fnuz, float8_e5m2, float8_e5m2fnuz, complex32, complex64, complex128, int8, "
      "int16, int32, int64, uint8, uint16, uint32, uint64, bool";
  EXPECT_EQ(refusal("float[3]"), "'float[3]', column 1: unknown word 'float'; " + known);
  EXPECT_EQ(refusal(""), "'', column 1: " + known);
  EXPECT_EQ(refusal("list(1,\n?)"), "'list(1, ?)', column 9: " + known);
}

TEST(SpecErrorTest, RefusesRangesThatMakeNoSense) {
  EXPECT_EQ(refusal("int64[2]=5..2"),
            "'int64[2]=5..2', column 10: the range ends before it begins");
  EXPECT_EQ(refusal("float32[2]=1..0.5"),
            "'float32[2]=1..0.5', column 12: the range ends before it begins");
  EXPECT_EQ(refusal("int64[2]=0.5..2"), "'int64[2]=0.5..2', column 10: expected an integer");
  EXPECT_EQ(refusal("uint8[2]=0..256"), "'uint8[2]=0..256', column 10: uint8 holds 0..255 only");
  EXPECT_EQ(refusal("int8[2]=-129..0"), "'int8[2]=-129..0', column 9: int8 holds -128..127 only");
  EXPECT_EQ(refusal("bool[2]=0..1"), "'bool[2]=0..1', column 8: bool takes no range");
  EXPECT_EQ(refusal("complex64[2]=0..1"),
            "'complex64[2]=0..1', column 13: complex64 takes no range");
  EXPECT_EQ(refusal("int64[2]=3"), "'int64[2]=3', column 11: expected '..'");
}

TEST(SpecErrorTest, RefusesContainersOfManyTypes) {
  EXPECT_EQ(refusal("list(1,0.5)"),
            "'list(1,0.5)', column 1: a list holds values of one type, not int, float");
  EXPECT_EQ(refusal("tuple(dict(\"a\":1,\"b\":\"c\"))"),
            "'tuple(dict(\"a\":1,\"b\":\"c\"))', column 7: a dict holds values of one type, not "
            "int, str");
}

TEST(SpecErrorTest, RefusesEndlessNesting) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "list(";
  EXPECT_THAT(refusal(deep), testing::HasSubstr(", column 501: nested more than 100 deep"));
}

// Whatever is typed is understood or refused in one line.
TEST(SpecErrorTest, SurvivesNonsense) {
  const std::vector<std::string> pieces = {
      "float32", "int64", "[",  "]", "(",    ")",     ",",    "=",     "..",   "-", "1",  "2.5",
      "e9",      "\"",    "\\", ":", "list", "tuple", "dict", "\"a\"", "none", " ", "\n", "\xff"};
  std::mt19937 random(0);
  for (int i = 0; i < 20000; ++i) {
    std::string spec;
    for (auto length = random() % 12; length > 0; --length)
      spec += pieces[random() % pieces.size()];
    EXPECT_THAT(refusal(spec), testing::Not(testing::HasSubstr("\n"))) << spec;
  }
}

}  // namespace
}  // namespace crosstrace
