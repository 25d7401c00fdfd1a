// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>
#include <caffe2/serialize/istream_adapter.h>
#include <crosstrace/archive/archive.h>
#include <crosstrace/archive/detail/file_kind.h>
#include <crosstrace/archive/detail/pickle_check.h>
#include <crosstrace/archive/detail/zip_directory.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <unit/temporary_file.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace crosstrace {
namespace {

using testing::Contains;
using testing::EndsWith;
using testing::Field;

std::string refusal(const std::function<void()>& check) {
  try {
    check();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

class ArchiveCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::ones({1000}), false);
    module.define("def forward(self, x):\n    return x + self.weight\n");
    module.save(file_.path());
  }

  std::string refused() const {
    const auto message = refusal([&] { (void)Archive(file_.path()).file(); });
    const std::string start = "cannot read archive " + file_.path() + ": ";
    return message.starts_with(start) ? message.substr(start.size()) : message;
  }

  std::string bytes() const {
    std::ifstream file(file_.path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  void write(const std::string& bytes) const {
    std::ofstream(file_.path(), std::ios::binary) << bytes;
  }

  /// Overwrites the unpacked size of an entry of the central directory.
  void lie_about(const std::string& name, std::uint32_t size) const {
    auto data = bytes();
    const auto entry = data.rfind(name) - 46;
    for (int i = 0; i < 4; ++i) data[entry + 24 + i] = static_cast<char>(size >> 8 * i);
    write(data);
  }

  TemporaryFile file_{"model.pt"};
};

TEST_F(ArchiveCheckTest, PassesWhatLibTorchWrites) { EXPECT_EQ(refused(), ""); }

TEST_F(ArchiveCheckTest, RefusesWhatIsNoArchive) {
  const std::string no_zip =
      "it is no zip archive, or it is cut short; expected a file that torch.jit.save wrote";
  write("garbage");
  EXPECT_EQ(refused(), no_zip);
  write("PK\x05\x06");
  EXPECT_EQ(refused(), no_zip);
  write(std::string("\x18\0\0\0PTMF", 8) + "and what mobile/flatbuffer_loader.h reads");
  EXPECT_EQ(refused(),
            "it is a flatbuffer for the lite interpreter, which holds bytecode and no program; "
            "expected a file that torch.jit.save wrote");
  write("");
  EXPECT_EQ(refused(), "the file is empty");
  std::filesystem::remove(file_.path());
  EXPECT_EQ(refused(), "No such file or directory");
  EXPECT_EQ(refusal([&] { (void)Archive(file_.folder()).file(); }),
            "cannot read archive " + file_.folder().string() + ": Is a directory");
}

TEST_F(ArchiveCheckTest, RefusesAnArchiveThatIsCutShort) {
  const auto whole = bytes();
  for (std::size_t size = 1; size < whole.size(); size += 37) {
    write(whole.substr(0, size));
    EXPECT_NE(refused(), "") << "cut after " << size << " bytes";
  }
}

TEST_F(ArchiveCheckTest, RefusesAZipOfSomethingElse) {
  write(std::string("PK\x05\x06") + std::string(18, '\0'));
  EXPECT_EQ(refused(),
            "it is a zip archive with nothing in it; expected a file that torch.jit.save wrote");
  auto data = bytes();
  SetUp();
  data = bytes();
  for (auto at = data.find("constants.pkl"); at != std::string::npos;
       at = data.find("constants.pkl"))
    data.replace(at, 13, "othername.pkl");
  write(data);
  EXPECT_EQ(refused(),
            "it holds a Python object of class __torch__.M that torch.save wrote, and no program; "
            "export the model with torch.jit.script or torch.jit.trace; expected a file that "
            "torch.jit.save wrote");
  for (auto at = data.find("/data.pkl"); at != std::string::npos; at = data.find("/data.pkl"))
    data.replace(at, 9, "/none.pkl");
  write(data);
  EXPECT_EQ(refused(),
            "it is a zip archive, but has no record data.pkl; expected a file that "
            "torch.jit.save wrote");
}

TEST_F(ArchiveCheckTest, SaysWhatOtherFilesAre) {
  using namespace std::string_view_literals;
  const auto says = [&](std::string_view start, const std::string& what) {
    write(std::string(start) + std::string(100, ' '));
    EXPECT_EQ(refused(), what + "; expected a file that torch.jit.save wrote");
  };
  says("version https://git-lfs.github.com/spec/v1\n",
       "it is a pointer of Git LFS to a file that was not fetched; run git lfs pull");
  says("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."sv,
       "it holds values that torch.save wrote before PyTorch 1.6, and no program; export the model "
       "with torch.jit.script or torch.jit.trace");
  says("\x89HDF\r\n", "it is an HDF5 file");
  says("<!DOCTYPE html>", "it is a web page; the download gave no file");
  says("\x40\0\0\0\0\0\0\0{\"__metadata__\":"sv,
       "it is a safetensors file, which holds no program");
}

TEST(FileKindTest, TellsWhatTorchSavePickled) {
  using namespace std::string_view_literals;
  EXPECT_EQ(detail::kind_of_pickle("\x80\x02}q\0."sv),
            "it holds a dict, such as a state_dict, that torch.save wrote, and no program; load it "
            "into its model in Python and export that");
  EXPECT_EQ(detail::kind_of_pickle("\x80\x02"
                                   "ccollections\nOrderedDict\nq\0."sv),
            detail::kind_of_pickle("\x80\x02}q\0."sv));
  EXPECT_EQ(detail::kind_of_pickle("\x80\x02"
                                   "ctorch._utils\n_rebuild_tensor_v2\nq\0."sv),
            "it holds a tensor that torch.save wrote, and no program");
  EXPECT_EQ(detail::kind_of_pickle("\x80\x02]q\0."sv),
            "it holds values that torch.save wrote, and no program");
}

TEST(FileKindTest, TellsOtherZipArchives) {
  EXPECT_EQ(
      detail::kind_of_archive({"archive_format", "models/model.json"}),
      "it is a program of torch.export (.pt2), which is no TorchScript; export the model with "
      "torch.jit.script or torch.jit.trace");
  EXPECT_EQ(detail::kind_of_archive({"model.json"}), "");
}

TEST_F(ArchiveCheckTest, RefusesRecordsThatUnpackToTooMuch) {
  lie_about("model/version", 100'000'000);
  EXPECT_EQ(refused(),
            "its records unpack to more than 20 times the size of the file, at model/version; "
            "expected a file that torch.jit.save wrote");
}

TEST_F(ArchiveCheckTest, RefusesABrokenPickle) {
  auto data = bytes();
  const auto pickle = data.find("\x80\x02");
  data[pickle + 2] = '\x01';
  write(data);
  EXPECT_EQ(refused(),
            "its record data.pkl is broken: an instruction that LibTorch does not write at byte 2; "
            "expected a file that torch.jit.save wrote");
}

// As PyTorch 1.0 wrote archives; LibTorch reads this one so although it has the other records too.
TEST_F(ArchiveCheckTest, ReadsThePickleOfAnOldArchiveToo) {
  const std::string nothing("\x80\x02N.", 4), broken("\x80\x02Nr\xff\xff\xff\xff.", 9);
  {
    caffe2::serialize::PyTorchStreamWriter writer(file_.path());
    writer.writeRecord("data.pkl", nothing.data(), nothing.size());
    writer.writeRecord("constants.pkl", nothing.data(), nothing.size());
    writer.writeRecord("model.json", "{}", 2);
    writer.writeRecord("attributes.pkl", broken.data(), broken.size());
    writer.writeEndOfFile();
  }
  EXPECT_EQ(refused(),
            "its record attributes.pkl is broken: memo entry 4294967295 at byte 3; expected a file "
            "that torch.jit.save wrote");
}

TEST_F(ArchiveCheckTest, RefusesAnArchiveOfPyTorch1_0ForWhatItIs) {
  {
    caffe2::serialize::PyTorchStreamWriter writer(file_.path());
    writer.writeRecord("model.json", "{}", 2);
    writer.writeEndOfFile();
  }
  EXPECT_EQ(refused(),
            "it is of file format 1, as PyTorch 1.0 and 1.1 wrote it (model.json), which LibTorch "
            "no longer reads; load it with PyTorch 1.4 and save it anew");
}

TEST(PickleCheckTest, RefusesWhatReachesBeyondThePickle) {
  const auto refused = [](std::string_view pickle) {
    return refusal([&] { detail::check_pickle(pickle); });
  };
  using namespace std::string_view_literals;
  EXPECT_EQ(refused("\x80\x02K\x01q\x00."sv), "");
  EXPECT_EQ(refused("\x80\x02X\x02\x00\x00\x00"
                    "ab\x8d\x01\x00\x00\x00\x00\x00\x00\x00zcm\nn\n)R."sv),
            "");
  EXPECT_EQ(refused(""sv), "it is cut short at byte 0");
  EXPECT_EQ(refused("\x80\x02N"sv), "it is cut short at byte 3");
  EXPECT_EQ(refused("\x80\x02K"sv), "it is cut short at byte 3");
  EXPECT_EQ(refused("\x80\x02Nr\xff\xff\xff\xff."sv), "memo entry 4294967295 at byte 3");
  EXPECT_EQ(refused("\x80\x02X\xff\xff\xff\xff"
                    "ab."sv),
            "a text longer than what is left at byte 7");
  EXPECT_EQ(refused("\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
                    "ab."sv),
            "a text longer than what is left at byte 11");
  EXPECT_EQ(refused("\x80\x02\x8a\x09"
                    "12."sv),
            "a text longer than what is left at byte 4");
  EXPECT_EQ(refused("\x80\x02"
                    "cos\nsystem"sv),
            "a name without an end at byte 6");
  EXPECT_EQ(refused("\x80\x02T"sv), "an instruction that LibTorch does not write at byte 2");
}

// Sizes of more than 4 GiB stand in an extension, and so does the place of the directory.
TEST(ZipDirectoryTest, ReadsTheExtensionFor64Bits) {
  const auto little = [](std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i);
    return text;
  };
  const std::uint64_t size = 5'000'000'000;
  const auto extra = little(1, 2) + little(16, 2) + little(size, 8) + little(size + 1, 8);
  const auto entry = "PK\x01\x02" + std::string(16, '\0') + little(0xFFFFFFFF, 4) +
                     little(0xFFFFFFFF, 4) + little(1, 2) + little(extra.size(), 2) +
                     std::string(14, '\0') + "a" + extra;
  const auto end64 = "PK\x06\x06" + std::string(36, '\0') + little(entry.size(), 8) + little(0, 8);
  const auto locator = "PK\x06\x07" + std::string(4, '\0') + little(entry.size(), 8) + little(1, 4);
  const auto end = "PK\x05\x06" + std::string(8, '\0') + little(0xFFFFFFFF, 4) +
                   little(0xFFFFFFFF, 4) + little(0, 2);
  std::istringstream file(entry + end64 + locator + end);
  const auto entries = detail::read_zip_directory(caffe2::serialize::IStreamAdapter(&file));
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].name, "a");
  EXPECT_EQ(entries[0].bytes, size);
  EXPECT_EQ(entries[0].packed_bytes, size + 1);
}

}  // namespace
}  // namespace crosstrace
