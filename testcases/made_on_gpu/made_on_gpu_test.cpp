// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Archives that Python wrote beside a GPU, half of them on it, run without one. truth.json holds
// what plain PyTorch said of each there, on the CPU and on the GPU; whatever is otherwise here is
// listed below, by name and with the reason.

#include <crosstrace/diagnose/diagnosis.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/plan.h>
#include <crosstrace/models/register.h>
#include <crosstrace/models/spec.h>
#include <crosstrace/repair/repair_archive.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "made_on_gpu/table.h"
#include "unit/temporary_file.h"

namespace crosstrace::made_on_gpu {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

const fs::path kFolder = MADE_ON_GPU;

/// Not run here.
const std::map<std::string, std::string> kNotRun = {
    {"cuda_stream.cpu.pt", "asks for operators of LibTorch's CUDA part"},
    {"cuda_sync.cpu.pt", "asks for operators of LibTorch's CUDA part"},
    {"f_loop_everywhere.pt", "never ends, by intent"},
    {"f_segv.pt", "reads 4 TiB behind its argument, by intent"},
};

/// At home on the stand-in otherwise than on the GPU.
const std::map<std::string, std::string> kOtherAtHome = {
    {"complex_ofi.cuda0.pt", "holds an operator that only cuDNN has"},
};

/// Made on cuda:0, of which nothing in the archive tells.
const std::map<std::string, std::string> kHomeUnknown = {
    {"dropout_training.cuda0.pt", "names no device and holds no tensor"},
    {"fft.cuda0.pt", "names no device and holds no tensor"},
    {"grid_interp.cuda0.pt", "names no device and holds no tensor"},
    {"new_full.cuda0.pt", "names no device and holds no tensor"},
    {"pointwise_trace.cuda0.pt", "holds numbers alone, which are on the CPU"},
    {"rand_like.cuda0.pt", "names no device and holds no tensor"},
    {"sorts.cuda0.pt", "names no device and holds no tensor"},
    {"to_dev_double.cuda0.pt", "names a device in a transfer alone"},
    {"zeros_like.cuda0.pt", "names no device and holds no tensor"},
};

/// Not repaired although a finding says that it can be.
const std::map<std::string, std::string> kNotRepaired = {
    {"out_cpu.cuda0.pt", "answers on the CPU at home too, which a repair would change"},
    {"complex_ofi.cuda0.pt", "holds an operator that only cuDNN has"},
};

const nlohmann::ordered_json& truth() {
  static const auto json =
      nlohmann::ordered_json::parse(std::ifstream(kFolder / "truth.json", std::ios::binary));
  return json;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& [name, row] : truth().items()) all.push_back(name);
  return all;
}

Table& table() {
  static Table rows;
  return rows;
}

/// `match`, `error`, ...; empty if plain PyTorch gave no verdict.
std::string true_verdict(const std::string& name, Transfer transfer, const std::string& device) {
  const auto& verdicts = truth().at(name).at("plain_pytorch");
  if (!verdicts.is_object()) return "";
  const std::string text = verdicts.value(std::string(to_string(transfer)) + "/" + device, "");
  const std::string word = text.substr(0, text.find(':'));
  return word == "runs, no CPU reference" ? "" : word;
}

std::string reason_in(const std::map<std::string, std::string>& exceptions,
                      const std::string& name) {
  const auto found = exceptions.find(name);
  return found == exceptions.end() ? "" : found->second;
}

class MadeOnGpu : public ::testing::TestWithParam<std::string> {
 protected:
  static void TearDownTestSuite() { print(std::cout, table()); }

  void SetUp() override {
    row().made_on = truth().at(name()).at("made_on");
    const std::string reason = reason_in(kNotRun, name());
    if (reason.empty()) return;
    row().exception = "not run: " + reason;
    GTEST_SKIP() << reason;
  }

  const std::string& name() const { return GetParam(); }
  Row& row() const { return table()[name()]; }
  std::string path() const { return kFolder / "archives" / name(); }

  Model model() const {
    ModelBuilder builder(archive_model_name(name()), {name(), 0});
    std::vector<InputSpec> specs;
    for (const std::string text : truth().at(name()).at("inputs"))
      specs.push_back(parse_spec(text));
    return builder.archive(path()).inputs([specs] { return draw_all(specs); }).build();
  }

  void except(const std::string& what, const std::string& reason) const {
    row().exception += (row().exception.empty() ? "" : "; ") + what + ": " + reason;
  }

  void see_cell_on_cpu(const CellResult& cell) const {
    const std::string expected = true_verdict(name(), cell.id.transfer, "cpu");
    if (expected.empty()) return;
    ++row().cpu_cells;
    row().cpu_agree += to_string(cell.verdict) == expected;
    EXPECT_EQ(to_string(cell.verdict), expected) << cell.id.describe() << ": " << cell.message;
  }

  void see_cell_at_home(const CellResult& cell) const {
    const std::string on_gpu = true_verdict(name(), cell.id.transfer, cell.id.trace_device);
    const bool agrees = cell.verdict == Verdict::kMatch || to_string(cell.verdict) == on_gpu;
    ++row().home_cells;
    row().home_agree += agrees;
    const std::string reason = reason_in(kOtherAtHome, name());
    EXPECT_EQ(agrees, reason.empty())
        << cell.id.describe() << ": " << to_string(cell.verdict) << ": " << cell.message;
  }
};

TEST_P(MadeOnGpu, RunsWithoutOneAsPlainPyTorchDidBesideIt) {
  const Model model = this->model();
  Session session({});
  const Whereabouts found = session.whereabouts(model);
  const std::string stand_ins = describe_stand_ins(found.stand_ins);
  row().home = found.home == "unknown" || stand_ins.empty() ? found.home : stand_ins;
  const std::string home = device_here(found.home, found.stand_ins);
  const std::vector<Transfer> transfers = {Transfer::kAsTraced, Transfer::kTo, Transfer::kLoad};
  int ran = 0;
  for (const CellId& id : plan_cells(model, {"cpu", "sim:0", "sim:1"}, transfers, found)) {
    const CellResult cell = Cell(session, model, id).run();
    ran += cell.verdict != Verdict::kSkipped;
    if (id.run_device == "cpu") see_cell_on_cpu(cell);
    if (id.run_device == home && home != found.home) see_cell_at_home(cell);
  }
  EXPECT_EQ(ran, 9);
  if (row().made_on == "cuda:0") {
    const std::string reason = reason_in(kHomeUnknown, name());
    EXPECT_EQ(found.home == "cuda:0", reason.empty()) << found.home;
    EXPECT_EQ(row().home_cells, reason.empty() ? 3 : 0);
    if (!reason.empty()) except("home unknown", reason);
  }
  if (const std::string reason = reason_in(kOtherAtHome, name()); !reason.empty()) {
    except("at home", reason);
  }
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_value(const c10::IValue& value, const fs::path& path) {
  const std::vector<char> bytes = torch::jit::pickle_save(value);
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// For check_repaired.py: the archive, its arguments and its answers at home, in the folder that
/// MADE_ON_GPU_REPAIRED names.
void keep_for_python(const Model& model, const std::string& name, const std::string& repaired) {
  const char* folder = std::getenv("MADE_ON_GPU_REPAIRED");
  if (folder == nullptr) return;
  fs::create_directories(folder);
  const std::string stem = fs::path(folder) / name.substr(0, name.size() - 3);
  fs::copy_file(repaired, stem + ".repaired.pt", fs::copy_options::overwrite_existing);
  write_value(c10::ivalue::Tuple::create(make_inputs(model, 0)), stem + ".inputs.pt");
  Session session({});
  const std::vector<c10::IValue>& answers = session.reference(model).outputs.at(0);
  write_value(c10::ivalue::Tuple::create(answers), stem + ".answers.pt");
}

bool can_be_repaired(const Archive& archive) {
  DiagnoseOptions options;
  options.home = archive.home();
  options.storage_locations = archive.storage_locations();
  const std::vector<Finding> findings = diagnose(archive.without_weights(), options).findings;
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.severity > Severity::kNote && finding.repair == Repairability::kAutomatic;
  });
}

TEST_P(MadeOnGpu, IsRepairedWhereAFindingSaysSo) {
  const Model model = this->model();
  if (!can_be_repaired(*model.archive)) GTEST_SKIP() << "no finding says that it can be repaired";
  ProofCalls calls;
  calls.inputs = model.inputs;
  calls.devices = {"cpu", "sim:0", "sim:1"};
  const TemporaryFile target("repaired.pt");
  const RepairResult result = repair_archive(*model.archive, target.path(), calls);
  row().repaired = result.written ? "yes" : "no";
  const std::string reason = reason_in(kNotRepaired, name());
  if (!reason.empty()) except("not repaired", reason);
  ASSERT_EQ(result.written, reason.empty())
      << result.why_not << (result.left.empty() ? "" : ": " + result.left[0].text);
  if (!result.written) return;
  EXPECT_FALSE(result.steps.empty());
  EXPECT_THAT(bytes_of(target.path()), Not(HasSubstr("sim:")));
  EXPECT_THAT(bytes_of(target.path()), Not(HasSubstr("privateuse")));
  const Archive repaired(target.path());
  EXPECT_THAT(repaired.cuda_devices(), ::testing::IsEmpty());
  for (const std::string& location : repaired.storage_locations()) EXPECT_EQ(location, "cpu");
  keep_for_python(model, name(), target.path());
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  return archive_model_name(info.param);
}

INSTANTIATE_TEST_SUITE_P(Archives, MadeOnGpu, ::testing::ValuesIn(names()), test_name);

TEST(Truth, IsKnownOfEveryArchive) {
  std::size_t archives = 0;
  for (const auto& file : fs::directory_iterator(kFolder / "archives")) {
    EXPECT_TRUE(truth().contains(file.path().filename().string())) << file.path();
    ++archives;
  }
  EXPECT_EQ(archives, 84U);
  EXPECT_EQ(truth().size(), archives);
}

}  // namespace
}  // namespace crosstrace::made_on_gpu
