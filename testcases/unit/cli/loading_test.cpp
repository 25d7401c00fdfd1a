// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What the command says of drivers and of parts of LibTorch, and in which order it opens them, with
// libraries that stand in for NVIDIA's and LibTorch's.

#include <ATen/ATen.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/libtorch_folder.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "unit/archive_edit.h"
#include "unit/cli/command.h"
#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

namespace fs = std::filesystem;

/// Where the CUDA runtime of this LibTorch lies, which other folders than LibTorch's do not find.
fs::path runtime_folder() {
  Dl_info info{};
  void* runtime = dlsym(RTLD_DEFAULT, "cudaRuntimeGetVersion");
  if (runtime == nullptr || dladdr(runtime, &info) == 0) return {};
  return fs::path(info.dli_fname).parent_path();
}

/// The LibTorch of this process in a folder of its own, with or without a CUDA part that stands in.
class Folder {
 public:
  explicit Folder(bool has_cuda_part) {
    const fs::path libtorch = fs::canonical(libtorch_folder());
    for (const auto& entry : fs::directory_iterator(libtorch)) {
      if (entry.path().filename() != "libtorch_cuda.so")
        fs::create_symlink(entry.path(), folder_.folder() / entry.path().filename());
    }
    if (has_cuda_part)
      fs::create_symlink(CROSSTRACE_STAND_IN_CUDA_PART, folder_.folder() / "libtorch_cuda.so");
  }

  /// The command beside a driver that stands in. `before` are variables.
  ProcessResult run(const std::string& before, const std::string& arguments,
                    bool has_driver = true) const {
    const std::string driver = has_driver ? CROSSTRACE_STAND_IN_DRIVER ":" : "";
    const std::string folder = folder_.folder().string();
    // What models print must not wait in a buffer: its place among other lines is looked at.
    return run_process(
        "unset CROSSTRACE_DEVICES CROSSTRACE_REQUIRE_DEVICES CUDA_VISIBLE_DEVICES; " + before +
        " LD_LIBRARY_PATH='" + driver + runtime_folder().string() + "' LD_PRELOAD='" + folder +
        "/libc10.so:" + folder + "/libtorch_cpu.so' stdbuf -o0 '" CROSSTRACE_COMMAND "' " +
        arguments);
  }

 private:
  TemporaryFile folder_{"unused"};
};

struct Cuda {
  std::string state;
  std::string reason;
};

/// What `crosstrace devices` says of cuda:0.
Cuda cuda_of(const ProcessResult& result) {
  const auto report = nlohmann::json::parse(result.output);
  for (const auto& device : report.at("devices")) {
    if (device.at("name") == "cuda:0") return {device.at("state"), device.at("reason")};
  }
  return {};
}

class Driver : public ::testing::Test {
 protected:
  Cuda ask(const std::string& variables) const {
    return cuda_of(folder_.run(variables, "devices --json 2>/dev/null"));
  }

  Folder folder_{/*has_cuda_part=*/true};
};

TEST_F(Driver, IsAStub) {
  const Cuda cuda = ask("STAND_IN_INIT=34");
  EXPECT_EQ(cuda.state, "absent");
  EXPECT_EQ(cuda.reason, "libcuda.so.1 is the toolkit's stub, not a driver");
}

TEST_F(Driver, HasNoDevice) {
  if (nvidia_device_files() > 0) GTEST_SKIP() << "this machine has NVIDIA devices";
  for (const char* answer : {"STAND_IN_INIT=100", "STAND_IN_INIT=304", "STAND_IN_DEVICES=0"}) {
    const Cuda cuda = ask(answer);
    EXPECT_EQ(cuda.state, "absent") << answer;
    EXPECT_EQ(cuda.reason, "the NVIDIA driver shows no device (no /dev/nvidia0)") << answer;
  }
}

TEST_F(Driver, HasDevicesThatAreHidden) {
  const Cuda cuda = ask("CUDA_VISIBLE_DEVICES='' STAND_IN_INIT=100");
  EXPECT_EQ(cuda.state, "absent");
  EXPECT_THAT(cuda.reason, HasSubstr("CUDA_VISIBLE_DEVICES=''"));
  if (nvidia_device_files() > 0) {
    EXPECT_THAT(cuda.reason, HasSubstr(" hides what the NVIDIA driver has ("));
  }
}

TEST_F(Driver, Fails) {
  const Cuda cuda = ask("STAND_IN_INIT=803");
  EXPECT_EQ(cuda.state, "broken");
  EXPECT_EQ(cuda.reason, "CUDA driver error 803 (an error of the stand-in)");
}

TEST_F(Driver, IsTooOldForThisLibTorch) {
  if (runtime_folder().empty()) GTEST_SKIP() << "this LibTorch was built without CUDA's runtime";
  const Cuda cuda = ask("STAND_IN_VERSION=11040");
  EXPECT_EQ(cuda.state, "broken");
  EXPECT_THAT(cuda.reason,
              MatchesRegex("the NVIDIA driver is too old for this LibTorch: it supports CUDA 11.4, "
                           "LibTorch was built for CUDA [0-9]+.[0-9]; update the driver or take a "
                           "LibTorch for an older CUDA"));
}

TEST_F(Driver, IsRefusedByTheRuntime) {
  if (runtime_folder().empty()) GTEST_SKIP() << "this LibTorch was built without CUDA's runtime";
  const Cuda cuda = ask("STAND_IN_VERSION=99000");
  EXPECT_EQ(cuda.state, "broken");
  EXPECT_THAT(cuda.reason,
              StartsWith("the CUDA runtime of this LibTorch refuses the driver: error "));
}

TEST(LibTorch, HasNoCudaPart) {
  const Cuda cuda = cuda_of(Folder(false).run("", "devices --json 2>/dev/null"));
  EXPECT_EQ(cuda.state, "absent");
  EXPECT_EQ(cuda.reason,
            "this LibTorch has no CUDA part (no libtorch_cuda.so beside libtorch_cpu.so); build "
            "against a LibTorch that has one");
}

class Loading : public ::testing::Test {
 protected:
  /// An archive whose forward has this body, and prints when it is set up.
  std::string archive(const std::string& body) {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::arange(1, 4).to(at::kFloat), false);
    module.define("def forward(self, x: Tensor):\n    " + body +
                  "\ndef __getstate__(self):\n    return self.weight\n"
                  "def __setstate__(self, state: Tensor):\n    print('archive read')\n"
                  "    self.weight = state\n");
    module.save(file_.path());
    return "'" + file_.path() + "'";
  }

  /// Lines of standard output and standard error that matter, in their order.
  std::vector<std::string> order(const std::string& arguments) const {
    const ProcessResult result = folder_.run("", arguments + " 2>&1");
    std::vector<std::string> lines;
    std::istringstream text(result.output);
    for (std::string line; std::getline(text, line);) {
      for (const char* word : {"opened ", "archive read", "driver asked"}) {
        if (line.starts_with(word) && (lines.empty() || lines.back() != line.substr(0, 30)))
          lines.push_back(line.substr(0, 30));
      }
    }
    return lines;
  }

  Folder folder_{/*has_cuda_part=*/true};
  TemporaryFile file_{"model.pt"};
};

constexpr const char* kOperators = " --op-library '" CROSSTRACE_STAND_IN_OP_LIBRARY "'";

TEST_F(Loading, OpensCudaBeforeOperatorLibrariesAndArchives) {
  const std::string body = archive("return x * self.weight");
  auto lines = order("check " + body + " --input 'float32[2,3]' --devices cpu,cuda:0" + kOperators);
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("driver asked"); });
  ASSERT_GE(lines.size(), 3U);
  EXPECT_EQ(lines[0], "opened libtorch_cuda.so");
  EXPECT_EQ(lines[1], "opened libannounced_ops.so");
  EXPECT_EQ(lines[2], "archive read");
}

TEST_F(Loading, LeavesCudaAloneWhereNothingNeedsIt) {
  const std::string body = archive("return x * 2 if x.is_cuda else x + x");
  EXPECT_THAT(order("check " + body + " --input 'float32[2,3]' --devices cpu" + kOperators),
              ::testing::ElementsAre("opened libannounced_ops.so", "archive read"));
}

TEST_F(Loading, OpensCudaForAnArchiveThatNamesItThoughTheListDoesNot) {
  const std::string body = archive("return x + torch.arange(3, device='cuda:0')");
  for (const std::string rest : {" --input 'float32[2,3]' --devices cpu",
                                 " --input 'float32[2,3]' --devices cpu --isolate"}) {
    const auto lines = order("check " + body + rest + kOperators);
    ASSERT_GE(lines.size(), 2U);
    EXPECT_EQ(lines[0], "opened libtorch_cuda.so");
    EXPECT_EQ(lines[1], "opened libannounced_ops.so");
  }
  EXPECT_EQ(order("inspect " + body).front(), "opened libtorch_cuda.so");
}

TEST_F(Loading, AsksTheDriverInChildrenFirstWhereCellsAreIsolated) {
  const std::string body = archive("return x * self.weight");
  const ProcessResult result =
      folder_.run("", "check " + body +
                          " --input 'float32[2,3]' --devices cpu,cuda:0 --transfer to --isolate "
                          "2>&1 >/dev/null & echo command $!; wait");
  const std::size_t asked = result.output.find("driver asked by ");
  ASSERT_NE(asked, std::string::npos) << result.output;
  // Neither the command nor its child, which runs it, but a process that this one forked for cells;
  // only then the command itself, for its report.
  const std::size_t named = result.output.find("command ");
  const std::string command =
      result.output.substr(named + 8, result.output.find('\n', named) - named - 8);
  EXPECT_NE(result.output.substr(asked + 16, result.output.find(',', asked) - asked - 16), command);
  EXPECT_THAT(result.output.substr(asked, result.output.find('\n', asked) - asked),
              ::testing::Not(::testing::EndsWith("child of " + command)));
}

TEST_F(Loading, SaysWhichPartCudasOwnOperatorsNeed) {
  archive("return torch.neg(x)");
  edit_archive(file_.path(), "torch.neg(x)", "ops.cuda.synchronize(0)");
  const ProcessResult result = Folder(false).run(
      "", "check '" + file_.path() + "' --input 'float32[2,3]' --devices cpu 2>&1", false);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(
      result.output,
      "crosstrace: cannot load " + file_.path() +
          ": it calls CUDA's own operators (torch.cuda...), and this LibTorch has no CUDA part "
          "(no libtorch_cuda.so beside libtorch_cpu.so); build against a LibTorch that has "
          "one\n");
}

TEST_F(Loading, OpensCudaForItsOwnOperatorsWithoutADriver) {
  archive("return torch.neg(x)");
  edit_archive(file_.path(), "torch.neg(x)", "ops.cuda.synchronize(0)");
  const ProcessResult result =
      folder_.run("", "inspect '" + file_.path() + "' 2>&1", /*has_driver=*/false);
  EXPECT_THAT(result.output, StartsWith("opened libtorch_cuda.so\n"));
}

TEST_F(Loading, TakesOperatorLibrariesThatWereMadeForPython) {
  const std::string body = archive("return x * self.weight");
  const std::string command =
      "check " + body + " --input 'float32[2,3]' --devices cpu --op-library ";
  const ProcessResult result = crosstrace(command + "'" CROSSTRACE_OPS_THAT_NEED_PYTHON "' 2>&1");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, Not(HasSubstr("opened libtorch_python.so")));
}

TEST_F(Loading, OpensThePartsThatAnOperatorLibraryNames) {
  const std::string command = "check " + archive("return x * self.weight") +
                              " --input 'float32[2,3]' --devices cpu --op-library "
                              "'" CROSSTRACE_OPS_THAT_NEED_CUDA "' 2>&1";
  const ProcessResult with = folder_.run("", command, /*has_driver=*/false);
  EXPECT_EQ(with.exit_code, 0) << with.output;
  EXPECT_THAT(with.output, HasSubstr("opened libtorch_cuda.so\n"));
  const ProcessResult without = Folder(false).run("", command, false);
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_THAT(without.output,
              AllOf(StartsWith("crosstrace: --op-library " CROSSTRACE_OPS_THAT_NEED_CUDA
                               ": it needs libtorch_cuda.so, and the LibTorch of this program ("),
                    HasSubstr(") has none that opens; build CrossTrace against the LibTorch that "
                              "the library was made for, such as pip's torch\n")));
}

}  // namespace
}  // namespace crosstrace
