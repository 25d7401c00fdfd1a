// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/ctest_gpus.h>
#include <gmock/gmock.h>

namespace crosstrace {
namespace {

using ::testing::ThrowsMessage;

TEST(CTestGpus, AreWrittenAsASpec) {
  EXPECT_EQ(ctest_spec({0, 2}),
            "{\"version\": {\"major\": 1, \"minor\": 0}, \"local\": [{\"gpus\": [\n"
            "    {\"id\": \"0\", \"slots\": 1},\n"
            "    {\"id\": \"2\", \"slots\": 1}]}]}\n");
}

TEST(CTestGpus, AreShownOnceEachInTheirOrder) {
  EXPECT_EQ(visible_gpus({"id:3,slots:1"}, {}), "3");
  EXPECT_EQ(visible_gpus({"id:3,slots:1", "id:0,slots:2;id:1,slots:1"}, {}), "3,0,1");
  EXPECT_EQ(visible_gpus({"id:1,slots:1", "id:1,slots:1"}, {}), "1");
}

TEST(CTestGpus, CountTheWordsOfTheVariable) {
  EXPECT_EQ(visible_gpus({"id:1,slots:1"}, "4,6"), "6");
  EXPECT_EQ(visible_gpus({"id:0,slots:1"}, "GPU-7f,GPU-8a"), "GPU-7f");
}

TEST(CTestGpus, StayHidden) {
  EXPECT_EQ(visible_gpus({"id:1,slots:1"}, ""), "");
  EXPECT_EQ(visible_gpus({"id:1,slots:1"}, "-1"), "-1");
}

TEST(CTestGpus, RefuseWhatIsNoNumberOfAGpu) {
  for (const char* group :
       {"id:card0,slots:1", "id:,slots:1", "slots:1", "id:1x,slots:1", "id:-1,slots:1"}) {
    EXPECT_THAT(
        [&] { visible_gpus({group}, {}); },
        ThrowsMessage<std::invalid_argument>(
            "CTest gave this test '" + std::string(group) +
            "' of the resource gpus, and an id must be the number of a GPU; `crosstrace devices "
            "--ctest-spec FILE` writes such a file"));
  }
}

TEST(CTestGpus, RefuseAGpuThatIsNotVisible) {
  EXPECT_THAT([] { visible_gpus({"id:2,slots:1"}, "4,6"); },
              ThrowsMessage<std::invalid_argument>(
                  "CTest gave this test GPU 2, but CUDA_VISIBLE_DEVICES='4,6' shows only 2"));
}

TEST(CTestGpus, AreTakenFromTheEnvironment) {
  // Nobody gave any to this process: nothing changes.
  EXPECT_EQ(take_gpus_of_ctest(), "");
}

}  // namespace
}  // namespace crosstrace
