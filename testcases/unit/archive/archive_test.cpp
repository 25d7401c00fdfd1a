// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/core/function_schema.h>
#include <caffe2/serialize/inline_container.h>
#include <crosstrace/devices/discovery.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "unit/archive/made_on.h"
#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

class ArchiveTest : public ::testing::Test {
 protected:
  ArchiveTest() { (void)probe_device("sim:0"); }

  /// A module whose forward has the body given, saved as one that was made elsewhere.
  Archive archive(const std::string& body, const std::map<std::string, std::string>& names = {},
                  const std::string& weight_on = "cpu") {
    torch::jit::Module module("M");
    const at::Tensor weight = at::arange(1, 4, at::kFloat).to(c10::Device(weight_on));
    module.register_parameter("weight", weight, false);
    module.register_attribute("name", c10::StringType::get(), "cuda:0");
    module.define("def forward(self, x: Tensor):\n    " + body + "\n");
    save_as_made_on(module, file_.path(), names);
    return Archive(file_.path());
  }

  /// The answer on sim:0, which stands in for cuda:0, with everything where it was saved.
  static at::Tensor answer(const Archive& archive) {
    torch::jit::Module module = archive.load(std::nullopt, {{"cuda:0", "sim:0"}});
    return module.forward({at::ones({3}).to(c10::Device("sim:0"))}).toTensor();
  }

  TemporaryFile file_{"model.pt"};
};

using Homes = ArchiveTest;

TEST_F(Homes, AreWhereTensorsAreMadeAndThenWhereTheyWereSaved) {
  // Traced on the CPU, then module.cuda().
  const std::string made_on_cpu = "return x + torch.arange(3, device=torch.device('cpu'))";
  EXPECT_THAT(archive(made_on_cpu, {{"cpu", "cuda:0"}}).homes(), ElementsAre("cpu", "cuda:0"));
  // Traced on cuda:0, then module.cpu().
  const std::string made_on_cuda = "return x + torch.arange(3, device=torch.device('cuda:0'))";
  EXPECT_THAT(archive(made_on_cuda).homes(), ElementsAre("cuda:0", "cpu"));
  EXPECT_EQ(archive(made_on_cuda).home(), "cuda:0");
}

TEST_F(Homes, AreNotToldByTransfers) {
  EXPECT_THAT(archive("return (x * self.weight).cpu()", {{"cpu", "cuda:0"}}).homes(),
              ElementsAre("cuda:0"));
  EXPECT_THAT(
      archive("return (x * self.weight).to(torch.device('cpu'))", {{"cpu", "cuda:1"}}).homes(),
      ElementsAre("cuda:1"));
  EXPECT_THAT(archive("return (x * self.weight).to(torch.device('cuda:0'))").homes(),
              ElementsAre("cpu"));
}

TEST_F(Homes, HaveAnIndex) {
  EXPECT_EQ(archive("return x + torch.arange(3, device=torch.device('cuda'))").home(), "cuda:0");
}

TEST_F(Homes, AreNotToldBySeveralDevices) {
  EXPECT_THAT(archive("return torch.ones(3, device=torch.device('cuda:0')).to(x.device) + "
                      "torch.ones(3, device=torch.device('cuda:1')).to(x.device)")
                  .homes(),
              ElementsAre("cpu"));  // Of the storages.
}

TEST_F(ArchiveTest, NamesEveryCudaDevice) {
  EXPECT_THAT(archive("return x * self.weight").cuda_devices(), IsEmpty());  // A text is a text.
  EXPECT_THAT(archive("return x * self.weight", {{"cpu", "cuda:1"}}).cuda_devices(),
              ElementsAre("cuda:1"));
  EXPECT_THAT(archive("return x.cuda()").cuda_devices(), ElementsAre("cuda:0"));
  EXPECT_THAT(archive("return x.to(torch.device(self.name))").cuda_devices(),
              ElementsAre("cuda:0"));
  EXPECT_THAT(archive("return x.to(torch.device('cuda', 1))").cuda_devices(),
              ElementsAre("cuda:1"));
  EXPECT_THAT(archive("return x.to(torch.device('cuda'))").cuda_devices(), ElementsAre("cuda:0"));
  EXPECT_THAT(Archive("no_such.pt").cuda_devices(), IsEmpty());
}

TEST_F(ArchiveTest, KnowsWhoAsksForCuda) {
  EXPECT_FALSE(archive("return x * 2").asks_for_cuda());
  EXPECT_TRUE(archive("return x * 2 if x.is_cuda else x").asks_for_cuda());
  EXPECT_TRUE(archive("return x * 2 if x.device.type == 'cuda' else x").asks_for_cuda());
}

using StandIn = ArchiveTest;

TEST_F(StandIn, HoldsEachTensorByItsOwnLocation) {
  torch::jit::Module module("M");
  const c10::Device sim("sim:0");
  module.register_parameter("weight", at::ones({3}).to(sim), false);
  module.register_attribute("table", c10::TensorType::get(), at::full({2}, 5));
  module.register_attribute("place", c10::DeviceObjType::get(), sim);
  module.register_attribute("places", c10::ListType::create(c10::DeviceObjType::get()),
                            c10::List<c10::IValue>(c10::DeviceObjType::get()));
  module.attr("places").toList().push_back(sim);
  module.register_attribute("name", c10::StringType::get(), "cuda:0");
  module.define(
      "def forward(self, x: Tensor):\n    return x.to(self.place) * self.weight + "
      "self.table.sum().item()\n");
  save_as_made_on(module, file_.path(), {{"sim:0", "cuda:0"}});
  const Archive archive(file_.path());
  EXPECT_THAT(archive.storage_locations(), ElementsAre("cpu", "cuda:0"));
  const torch::jit::Module read = archive.load(std::nullopt, {{"cuda:0", "sim:0"}});
  EXPECT_EQ(read.attr("weight").toTensor().device(), sim);
  EXPECT_TRUE(read.attr("table").toTensor().device().is_cpu());
  EXPECT_TRUE(read.attr("table").toTensor().equal(at::full({2}, 5)));
  EXPECT_EQ(read.attr("place").toDevice(), sim);
  EXPECT_EQ(read.attr("places").toListRef()[0].toDevice(), sim);
  EXPECT_EQ(read.attr("name").toStringRef(), "cuda:0");
  EXPECT_TRUE(answer(archive).cpu().equal(at::full({3}, 11.0)));
}

TEST_F(StandIn, IsReadInConstantsTextsAndCalls) {
  const std::vector<std::string> bodies = {
      "return x + torch.ones(3, device=torch.device('cuda:0'))",
      "return x.cpu().to(torch.device('cuda')) + x",
      "return x.cpu().to(torch.device(self.name)) + x",
      "return x.cpu().to(torch.device('cuda', 0)) + x",
      "return x.cpu().cuda() + x",
      "device = torch.device(self.name) if x.dim() > 0 else torch.device('cpu')\n    "
      "return x.cpu().to(device) + x",
  };
  for (const std::string& body : bodies) {
    const at::Tensor y = answer(archive(body));
    EXPECT_EQ(y.device(), c10::Device("sim:0")) << body;
    EXPECT_TRUE(y.cpu().equal(at::full({3}, 2.0))) << body;
  }
}

TEST_F(StandIn, LeavesTheFileAndOtherReadersAlone) {
  const Archive made =
      archive("return x + torch.ones(3, device=torch.device('cuda:0'))", {{"cpu", "cuda:0"}});
  (void)answer(made);
  EXPECT_THAT(made.storage_locations(), ElementsAre("cuda:0"));
  EXPECT_THAT(made.without_weights().get_method("forward").graph()->toString(),
              HasSubstr("value=\"cuda:0\""));
  EXPECT_THAT(made.load(c10::kCPU).get_method("forward").graph()->toString(),
              HasSubstr("value=\"cuda:0\""));
}

TEST_F(StandIn, IsAnErrorWhereThereIsNone) {
  const Archive made = archive("return x * self.weight", {{"cpu", "cuda:0"}});
  if (probe_device("cuda:0").state == DeviceState::kAvailable) GTEST_SKIP() << "cuda:0 is here";
  EXPECT_ANY_THROW(made.load());
  EXPECT_NO_THROW(made.load(std::nullopt, {{"cuda:0", "sim:0"}}));
}

TEST_F(ArchiveTest, IsOpenedAtTheFirstQuestionAndStaysOpen) {
  const Archive later(file_.path());
  EXPECT_THAT([&] { later.file(); },
              ThrowsMessage<std::runtime_error>("cannot read archive " + file_.path() +
                                                ": No such file or directory"));
  EXPECT_EQ(later.home(), "unknown");
  archive("return x * self.weight");
  EXPECT_EQ(later.home(), "cpu");
  std::filesystem::remove(file_.path());
  const Archive copy = later;
  EXPECT_NO_THROW(copy.load());
  EXPECT_EQ(copy.methods().front().arguments().size(), 2U);
}

// Positions of more than 4 GiB stand in an extension of the directory.
TEST_F(StandIn, IsReadInAnArchiveOfMoreThan4GiB) {
  (void)archive("return x * self.weight", {{"cpu", "cuda:0"}});
  const std::uint64_t gap = 5ULL << 30;
  const auto file = Archive(file_.path()).file();
  std::string bytes(file->size(), '\0');
  file->read(0, bytes.data(), bytes.size(), "");
  /// As if the directory lay 5 GiB further behind.
  class Sparse : public caffe2::serialize::ReadAdapterInterface {
   public:
    Sparse(std::string bytes, std::uint64_t gap) : bytes_(std::move(bytes)), gap_(gap) {}
    std::size_t size() const override { return gap_ + bytes_.size(); }
    std::size_t read(std::uint64_t at, void* buffer, std::size_t size, const char*) const override {
      std::memset(buffer, 0, size);
      for (std::size_t i = 0; i < size; ++i) {
        const std::uint64_t from = at + i;
        char& to = static_cast<char*>(buffer)[i];
        if (from >= gap_ && from < this->size()) to = bytes_[from - gap_];
        if (from < bytes_.size()) to = bytes_[from];
      }
      return std::min<std::size_t>(size, this->size() - at);
    }

   private:
    std::string bytes_;
    std::uint64_t gap_;
  };
  const auto sparse = std::make_shared<Sparse>(bytes, gap);
  const auto patched = detail::with_other_devices(
      detail::with_other_devices(sparse, {{"cuda:0", "sim:1"}}), {{"sim:1", "sim:0"}});
  EXPECT_GT(patched->size(), gap);
  caffe2::serialize::PyTorchStreamReader reader(patched);
  EXPECT_TRUE(reader.hasRecord("data.pkl"));
  const auto [data, size] = reader.getRecord("data.pkl");
  EXPECT_THAT(std::string(static_cast<const char*>(data.get()), size),
              ::testing::AllOf(HasSubstr("sim:0"), ::testing::Not(HasSubstr("sim:1"))));
}

}  // namespace
}  // namespace crosstrace
