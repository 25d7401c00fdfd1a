// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What each way to kill a process does to a run of the command: the verdict of the cell, the other
// cells, the reports, and how long it takes. Prints a table.

#include <dlfcn.h>
#include <gmock/gmock.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <pugixml.hpp>
#include <string>

#include "unit/cli/check_archives.h"

namespace crosstrace {
namespace {

using ::testing::MatchesRegex;

struct Fault {
  std::string name;
  std::string verdict;
  std::string message;  ///< A regular expression.
  std::string limits = {};
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

const std::string kIn = "call 1 of 3: crashed: ";
const std::string kEnded = "; its process ended";

const Fault kFaults[] = {
    {"wild_pointer", "crashed",
     kIn + R"(SIGSEGV \(Segmentation fault\) at address 0x10 in crosstrace::read_wild_pointer.*)"},
    {"wild_pointer_in_libtorch", "crashed",
     kIn + R"(SIGSEGV \(Segmentation fault\) at address 0x10[0-9a-f]+ in (at|c10)::.*)"},
    {"wild_pointer_on_a_thread", "crashed",
     R"(crashed: SIGSEGV \(Segmentation fault\) at address 0x10 in crosstrace::read_wild_pointer.*)" +
         kEnded},
    {"kill", "crashed", R"(its process died of SIGKILL \(Killed\), which is how .*)"},
    {"abort", "crashed", kIn + R"(SIGABRT \(Aborted\) in .*)"},
    {"double_free", "crashed",
     R"(crashed: SIGABRT \(Aborted\): free\(\): double free .*, in crosstrace::free_twice.*)" +
         kEnded},
    {"double_free_under_lock", "crashed",
     R"(crashed: SIGABRT \(Aborted\): double free or .*, in crosstrace::free_twice.*)" + kEnded},
    {"stack_overflow", "crashed",
     kIn + R"(SIGSEGV \(Segmentation fault\) at address 0x[0-9a-f]+, the stack is used up in )"
           "crosstrace::dive.*"},
    {"exit", "crashed", "its process ended without a result, with exit code 1"},
    {"quick_exit", "crashed", "its process ended without a result, with exit code 1"},
    {"underscore_exit", "crashed", "its process ended without a result, with exit code 0"},
    {"exit_on_a_thread", "crashed", "its process ended without a result, with exit code 1"},
    {"underscore_exit_on_a_thread", "crashed",
     "its process ended without a result, with exit code 0"},
    {"allocate_20_gb", "error", "call 1 of 3: .*21474836480 bytes.*", "ulimit -v 12000000; "},
};

class Faults : public Check, public ::testing::WithParamInterface<Fault> {
 protected:
  void SetUp() override { ASSERT_NE(dlopen(CROSSTRACE_TEST_OPS, RTLD_NOW), nullptr) << dlerror(); }

  std::string check(const std::string& fault, const std::string& options) {
    return "check " + archive_of_operator(fault) +
           " --input 'float32[2,3]' --devices cpu,sim:0,sim:1 --transfer to --json '" +
           beside("r.json") + "' --junit '" + beside("r.xml") +
           "' --op-library '" CROSSTRACE_TEST_OPS "' " + options + " 2>&1";
  }

  /// Runs it, and reads the reports that it left.
  void run(const std::string& limits, const std::string& arguments) {
    const auto start = std::chrono::steady_clock::now();
    result_ = run_process(
        limits + "unset CROSSTRACE_DEVICES CROSSTRACE_REQUIRE_DEVICES; '" CROSSTRACE_COMMAND "' " +
        arguments);
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::ifstream json(beside("r.json"));
    ASSERT_TRUE(json) << result_.output;
    cells_ = nlohmann::json::parse(json).at("cells");
    ASSERT_TRUE(junit_.load_file(beside("r.xml").c_str()));
  }

  void expect_others_match() {
    ASSERT_EQ(cells_.size(), 3U);
    EXPECT_EQ(cells_[0].at("verdict"), "match");
    EXPECT_EQ(cells_[2].at("verdict"), "match");
    EXPECT_EQ(cells_[2].at("run_device"), "sim:1");
    const auto suite = junit_.select_node("//testsuite").node();
    EXPECT_EQ(suite.select_nodes("testcase").size(), 3U);
    EXPECT_EQ(suite.select_nodes("testcase/failure").size(), 1U);
    EXPECT_EQ(result_.exit_code, 1);
  }

  void print_row(const std::string& fault, const std::string& options) {
    std::printf("  %-28s %-26s %-8s %5.2f s  %.110s\n", fault.c_str(), options.c_str(),
                cells_[1].at("verdict").get<std::string>().c_str(), seconds_,
                cells_[1].at("message").get<std::string>().c_str());
  }

  ProcessResult result_;
  double seconds_ = 0;
  nlohmann::json cells_;
  pugi::xml_document junit_;
};

TEST_P(Faults, CostTheirOwnCellAlone) {
  for (const char* options : {"", "--isolate", "--isolate=cell"}) {
    ASSERT_NO_FATAL_FAILURE(run(GetParam().limits, check(GetParam().name, options)));
    SCOPED_TRACE(std::string(options) + "\n" + result_.output);
    expect_others_match();
    EXPECT_EQ(cells_[1].at("verdict"), GetParam().verdict);
    const std::string message = cells_[1].at("message");
    EXPECT_THAT(message.substr(0, message.find('\n')), MatchesRegex(GetParam().message));
    print_row(GetParam().name, options);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Faults, ::testing::ValuesIn(kFaults),
                         [](const auto& info) { return info.param.name; });

TEST_F(Faults, AreTimeoutsWhereNothingEnds) {
  for (const char* options : {"--isolate --timeout 2", "--isolate=cell --timeout 2"}) {
    ASSERT_NO_FATAL_FAILURE(run("", check("endless_loop", options)));
    expect_others_match();
    EXPECT_EQ(cells_[1].at("verdict"), "timeout");
    EXPECT_EQ(cells_[1].at("message"), "still running after 2 s; killed");
    EXPECT_LT(seconds_, 60);
    print_row("endless_loop", options);
  }
}

}  // namespace
}  // namespace crosstrace
