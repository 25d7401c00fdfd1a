// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/write_file.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unit/temporary_file.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace crosstrace {
namespace {

namespace fs = std::filesystem;

class WriteFileTest : public testing::Test {
 protected:
  static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::size_t files() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

  static std::string refusal(const fs::path& path) {
    try {
      write_file(path, "text");
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "written";
  }

  const TemporaryFile file_{"report.txt"};
  const fs::path folder_ = file_.folder();
};

TEST_F(WriteFileTest, WritesAndReplaces) {
  write_file(folder_ / "report.txt", "first, and longer");
  write_file(folder_ / "report.txt", std::string("a\0b", 3));
  EXPECT_EQ(read(folder_ / "report.txt"), std::string("a\0b", 3));
  EXPECT_EQ(files(), 1) << "a temporary file is left";
}

TEST_F(WriteFileTest, KeepsASymbolicLink) {
  write_file(folder_ / "real.txt", "old");
  fs::create_symlink("real.txt", folder_ / "link.txt");
  write_file(folder_ / "link.txt", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.txt"));
  EXPECT_EQ(read(folder_ / "real.txt"), "new");
}

// To rename a file over it would destroy a device for everyone on the machine.
TEST_F(WriteFileTest, WritesToWhatIsNoOrdinaryFileAsItIs) {
  write_file("/dev/null", "text");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(WriteFileTest, SaysWhereItCannotWrite) {
  const auto path = folder_ / "missing" / "report.txt";
  EXPECT_EQ(refusal(path), "cannot write " + path.string() + ": No such file or directory");
}

TEST_F(WriteFileTest, RefusesAFolder) {
  EXPECT_EQ(refusal(folder_), "cannot write " + folder_.string() + ": Is a directory");
  EXPECT_EQ(files(), 0);
}

TEST_F(WriteFileTest, SaysThatTheDiskIsFull) {
  EXPECT_EQ(refusal("/dev/full"), "cannot write /dev/full: No space left on device");
}

}  // namespace
}  // namespace crosstrace
