// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/method_spec.h>
#include <gmock/gmock.h>

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;

auto call(const char* method, std::vector<std::string> specs) {
  return ::testing::AllOf(Field(&MethodSpecs::method, method), Field(&MethodSpecs::specs, specs));
}

TEST(MethodSpec, GroupsByMethodInTheOrderOfTheFirst) {
  EXPECT_THAT(by_method({"encode:float32[2]", "1", " decode_2:\"a:b\"", "encode: 2"}),
              ElementsAre(call("encode", {"float32[2]", " 2"}), call("forward", {"1"}),
                          call("decode_2", {"\"a:b\""})));
  EXPECT_THAT(by_method({"forward:1", "forward__0:2"}),
              ElementsAre(call("forward", {"1"}), call("forward__0", {"2"})));
}

TEST(MethodSpec, LeavesColonsOfASpecAlone) {
  for (const std::string spec :
       {"dict(\"a\":1)", "@a:b.pt", "\"a:b\"", "tuple(dict(\"a\":1))", "0:1", "float32[2]", ""}) {
    EXPECT_THAT(by_method({spec}), ElementsAre(call("forward", {spec})));
  }
}

TEST(MethodSpec, CutsAListOutsideOfBracketsAndQuotes) {
  EXPECT_THAT(split_arguments("float32[2,4],encode:list(1,tuple(2,3)),\"a,\\\",b\",@a.pt"),
              ElementsAre("float32[2,4]", "encode:list(1,tuple(2,3))", "\"a,\\\",b\"", "@a.pt"));
  EXPECT_THAT(split_arguments(""), ElementsAre(""));
  EXPECT_THAT(split_arguments("1,"), ElementsAre("1", ""));
  EXPECT_THAT(split_arguments("float32[2,3),1"), ElementsAre("float32[2,3)", "1"));
}

}  // namespace
}  // namespace crosstrace
