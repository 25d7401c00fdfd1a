// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/diagnose/diagnosis.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include "unit/diagnose/said.h"

// What rules about devices say, word for word, and how severe it is.
namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Finding> findings_of(torch::jit::Module module, DiagnoseOptions options = {}) {
  std::vector<Finding> about_devices;
  for (Finding& finding : diagnose(std::move(module), options).findings) {
    const bool other =
        finding.rule == "random" || finding.rule == "baked-dtype" || finding.rule == "baked-shape";
    if (!other) about_devices.push_back(std::move(finding));
  }
  return about_devices;
}

/// `error device-literal aten::arange` of each finding.
std::vector<std::string> summaries(const std::vector<Finding>& findings) {
  std::vector<std::string> lines;
  for (const Finding& finding : findings) {
    lines.push_back(std::string(to_string(finding.severity)) + " " + finding.id + " " +
                    finding.operator_name);
  }
  return lines;
}

std::vector<std::string> summaries_of_script(const std::string& body) {
  std::string source = "def forward(self, x: Tensor):\n    ";
  for (char c : body) source += c == '\n' ? std::string("\n    ") : std::string(1, c);
  return summaries(findings_of(scripted(source + "\n")));
}

Finding only_finding(torch::jit::Module module) {
  const auto findings = findings_of(std::move(module));
  EXPECT_EQ(findings.size(), 1U) << ::testing::PrintToString(summaries(findings));
  return findings.empty() ? Finding() : findings.front();
}

TEST(DeviceFindings, NameAFactoryWithABakedDevice) {
  const Finding finding = only_finding(
      scripted("def forward(self, x: Tensor):\n    return x + torch.arange(4, device='cpu')\n"));
  EXPECT_EQ(finding.id, "device-literal-1");
  EXPECT_EQ(finding.severity, Severity::kError);
  EXPECT_EQ(finding.method, "forward");
  EXPECT_EQ(finding.operator_name, "aten::arange");
  EXPECT_EQ(finding.message,
            "aten::arange makes its tensor on cpu wherever the module runs: the device is in the "
            "graph.");
  EXPECT_EQ(finding.advice,
            "Make the tensor on an input's device (x.new_zeros, torch.zeros_like, device=x.device "
            "in a script), or register it as a buffer.");
  EXPECT_EQ(finding.repair, Repairability::kAutomatic);
}

TEST(DeviceFindings, NameATransferToABakedDevice) {
  const Finding finding =
      only_finding(scripted("def forward(self, x: Tensor):\n    return x.to('cpu')\n"));
  EXPECT_EQ(finding.id, "transfer-literal-1");
  EXPECT_EQ(finding.severity, Severity::kError);
  EXPECT_EQ(finding.message,
            "aten::to moves its tensor to cpu wherever the module runs: the device is in the "
            "graph.");
  EXPECT_EQ(finding.advice,
            "Leave the tensor where it is, or move it to where another one is (x.to(other.device) "
            "in a script, x.type_as(other)).");
}

TEST(DeviceFindings, NameAFactoryWithoutADevice) {
  const Finding finding =
      only_finding(scripted("def forward(self, x: Tensor):\n    return x + torch.ones([4])\n"));
  EXPECT_EQ(finding.id, "implicit-cpu-1");
  EXPECT_EQ(finding.severity, Severity::kError);
  EXPECT_EQ(finding.message,
            "aten::ones names no device, so its tensor is on the CPU wherever the module runs.");
  EXPECT_EQ(finding.advice,
            "Give it an input's device (device=x.device), or register the tensor as a buffer.");
}

TEST(DeviceFindings, NameATensorInTheGraph) {
  torch::jit::Module module = of_graph(R"IR(
graph(%self, %x : Tensor):
  %one : int = prim::Constant[value=1]()
  %c : Tensor = prim::Constant()
  %sum : Tensor = aten::add(%x, %c, %one)
  return (%sum))IR");
  for (torch::jit::Node* node : module.get_method("forward").graph()->nodes()) {
    if (node->kind() == c10::prim::Constant && !node->hasAttribute(c10::attr::value)) {
      node->t_(c10::attr::value, at::ones({4}));
    }
  }
  const Finding finding = only_finding(module);
  EXPECT_EQ(finding.id, "tensor-constant-1");
  EXPECT_EQ(finding.severity, Severity::kError);
  EXPECT_EQ(finding.message,
            "The graph holds a tensor of shape [4] as a constant, which module.to(device) leaves "
            "where it was made.");
  EXPECT_EQ(finding.advice, "Register it as a buffer, so that it moves with the module.");
}

torch::jit::Module with_attribute(const c10::TypePtr& type, c10::IValue value,
                                  const std::string& body) {
  torch::jit::Module module("__torch__.M");
  module.register_attribute("kept", type, std::move(value));
  module.define("def forward(self, x: Tensor):\n    " + body + "\n");
  return module;
}

TEST(DeviceFindings, NameAnAttributeThatStays) {
  const Finding tensor =
      only_finding(with_attribute(c10::TensorType::get(), at::ones({4}), "return x + self.kept"));
  EXPECT_EQ(tensor.id, "stranded-attribute-1");
  EXPECT_EQ(tensor.severity, Severity::kError);
  EXPECT_EQ(tensor.method, "");
  EXPECT_EQ(tensor.message,
            "The attribute kept is a tensor that is neither parameter nor buffer, so "
            "module.to(device) leaves it behind.");
  EXPECT_EQ(tensor.advice, "Register it as a buffer.");
  EXPECT_EQ(tensor.repair, Repairability::kAutomatic);
  const Finding list = only_finding(with_attribute(c10::ListType::ofTensors(),
                                                   c10::List<at::Tensor>({at::ones({4})}),
                                                   "return x + self.kept[0]"));
  EXPECT_EQ(list.severity, Severity::kError);
  EXPECT_EQ(list.message,
            "The attribute kept holds tensors in a List[Tensor] that is neither parameter nor "
            "buffer, so module.to(device) leaves it behind.");
}

TEST(DeviceFindings, NameAnAttributeThatIsADevice) {
  const Finding finding =
      only_finding(with_attribute(c10::DeviceObjType::get(), c10::Device(c10::kCPU),
                                  "return x + torch.zeros_like(x, device=self.kept)"));
  EXPECT_EQ(finding.id, "stranded-attribute-1");
  EXPECT_EQ(finding.severity, Severity::kError);
  EXPECT_EQ(finding.message,
            "The attribute kept keeps a device (Device), which neither module.to(device) nor "
            "torch::jit::load changes.");
  EXPECT_EQ(finding.advice, "Ask an input for its device instead.");
  EXPECT_EQ(finding.repair, Repairability::kAutomatic);
}

TEST(DeviceFindings, NameAnIndexThatMatters) {
  const auto second = findings_of(
      scripted("def forward(self, x: Tensor):\n    return x + torch.arange(4, device='cuda:1')\n"));
  EXPECT_THAT(summaries(second), ElementsAre("error device-literal-1 aten::arange",
                                             "note device-ordinal-1 aten::arange"));
  EXPECT_EQ(second.back().message,
            "aten::arange names cuda:1: a machine with fewer such devices cannot run it.");
  EXPECT_EQ(second.back().advice, "Take the device of an input, index and all.");
  const auto current =
      findings_of(scripted("def forward(self, x: Tensor):\n    return x.to('cuda') * 2\n"));
  EXPECT_THAT(summaries(current),
              ElementsAre("error transfer-literal-1 aten::to", "note device-ordinal-1 aten::to"));
  EXPECT_EQ(current.back().message,
            "aten::to names cuda: without an index it is the current device, which need not be the "
            "module's.");
  EXPECT_THAT(summaries(findings_of(scripted("def forward(self, x: Tensor):\n    return x + "
                                             "torch.arange(4, device='cuda:0')\n"))),
              ElementsAre("error device-literal-1 aten::arange"));
}

TEST(DeviceFindings, NameAnOperatorThatWantsATensorOnTheCpu) {
  const Finding finding =
      only_finding(scripted("def forward(self, x: Tensor, lengths: Tensor):\n"
                            "    return torch._pack_padded_sequence(x, lengths, True)[0]\n"));
  EXPECT_EQ(finding.id, "missing-kernel-1");
  EXPECT_EQ(finding.severity, Severity::kError);
  EXPECT_EQ(finding.repair, Repairability::kManual);
  EXPECT_EQ(finding.message,
            "aten::_pack_padded_sequence wants one of its tensors on the CPU, wherever the module "
            "runs.");
  EXPECT_EQ(finding.advice, "Move that tensor where it is passed (lengths.cpu() in a script).");
}

// As the scripted torch.nn.LSTM keeps its weights.
TEST(DeviceFindings, PassOverAListOfParameters) {
  torch::jit::Module module("M");
  const at::Tensor weight = at::ones({4});
  module.register_parameter("weight", weight, /*is_buffer=*/false);
  module.register_attribute("weights", c10::ListType::ofTensors(), c10::List<at::Tensor>({weight}));
  module.define("def forward(self, x: Tensor):\n    return x * self.weights[0]\n");
  EXPECT_THAT(summaries(findings_of(module)), ::testing::IsEmpty());
}

TEST(DeviceFindings, NameADeviceThatAStringAttributeHolds) {
  torch::jit::Module module("M");
  module.register_attribute("where", c10::StringType::get(), "cpu");
  module.define(
      "def forward(self, x: Tensor):\n"
      "    return x + torch.ones([4], device=torch.device(self.where))\n");
  const Finding finding = only_finding(module);
  EXPECT_EQ(finding.id, "device-literal-1");
  EXPECT_EQ(finding.severity, Severity::kError);
  EXPECT_EQ(finding.message,
            "aten::ones fixes the device of its result, wherever the module runs.");
}

TEST(DeviceFindings, NameWhatStandsInForAnInputThatIsNone) {
  EXPECT_THAT(summaries(findings_of(scripted("def forward(self, x: Tensor, "
                                             "s: Optional[Tuple[Tensor, Tensor]]):\n"
                                             "    if s is None:\n"
                                             "        s = (torch.zeros([4]), torch.zeros([4]))\n"
                                             "    return x + s[0]\n"))),
              ElementsAre("warning implicit-cpu-1 aten::zeros", "note implicit-cpu-2 aten::zeros"));
}

TEST(DeviceFindings, KnowThatBatchSizesOfAPackedSequenceAreOnTheCpu) {
  EXPECT_THAT(summaries(findings_of(
                  scripted("def forward(self, x: Tensor, lengths: Tensor):\n"
                           "    data, sizes = torch._pack_padded_sequence(x, lengths.cpu(), True)\n"
                           "    assert sizes.device == torch.device('cpu')\n"
                           "    return data\n"))),
              ElementsAre("note transfer-literal-1 aten::cpu"));
}

TEST(DeviceFindings, NameACheckThatRaises) {
  const Finding finding = only_finding(scripted(
      "def forward(self, x: Tensor):\n    assert x.device == torch.device('cpu')\n    return x\n"));
  EXPECT_EQ(finding.id, "device-branch-1");
  EXPECT_EQ(finding.severity, Severity::kError);
  EXPECT_EQ(finding.message,
            "A check of the device of a tensor raises wherever the module runs on another one.");
  EXPECT_EQ(finding.advice, "Leave it to the caller on which device the module runs.");
}

TEST(DeviceFindings, AreNotesWhereNothingFails) {
  EXPECT_THAT(summaries_of_script("return x * torch.scalar_tensor(2.0)"),
              ElementsAre("note implicit-cpu-1 aten::scalar_tensor"));
  EXPECT_THAT(summaries_of_script("return x[torch.arange(2)]"),
              ElementsAre("note implicit-cpu-1 aten::arange"));
  EXPECT_THAT(summaries_of_script("return x + torch.ones([4], device='cpu').to(x.device)"),
              ElementsAre("note device-literal-1 aten::ones"));
  EXPECT_THAT(summaries_of_script("return x * int(torch.ones([4]).sum())"),
              ElementsAre("note implicit-cpu-1 aten::ones"));
  EXPECT_THAT(summaries_of_script("if self.training:\n    x = x + torch.ones([4])\nreturn x * 2"),
              ElementsAre("note implicit-cpu-1 aten::ones"));
  EXPECT_THAT(summaries_of_script("return x + torch.zeros_like(x)"), IsEmpty());
}

TEST(DeviceFindings, AreWarningsOnAPathThatTheGraphDoesNotTell) {
  EXPECT_THAT(
      summaries_of_script("if bool(x.sum() > 0):\n    x = x + torch.ones([4])\nreturn x * 2"),
      ElementsAre("warning implicit-cpu-1 aten::ones"));
}

TEST(DeviceFindings, NameOneDefectOnce) {
  // The literal moves the constant back wherever it was loaded: it is the defect.
  EXPECT_THAT(summaries_of_script("return x + torch.ones([4]).to('cpu') * 2 + 1"),
              ElementsAre("error transfer-literal-1 aten::to", "note implicit-cpu-1 aten::ones"));
  EXPECT_THAT(summaries_of_script("y = torch.ones([4])\nreturn x + y, x * y, torch.cat([x[0], y])"),
              ElementsAre("error implicit-cpu-1 aten::ones"));
}

TEST(DeviceFindings, SeeEveryMethodThatUsersCall) {
  const auto findings = findings_of(scripted(R"(
def helper(self, x: Tensor):
    return x + torch.ones([4])
def forward(self, x: Tensor):
    return self.helper(x)
def encode(self, x: Tensor):
    return x + torch.zeros([4])
def to_numpy(self, x: Tensor):
    return x.cpu()
)"));
  EXPECT_THAT(summaries(findings),
              ::testing::UnorderedElementsAre("note transfer-literal-1 aten::cpu",
                                              "error implicit-cpu-1 aten::ones",
                                              "error implicit-cpu-2 aten::zeros"));
}

TEST(DeviceFindings, OfSubmodulesThatNobodyCallsAreNotes) {
  torch::jit::Module inner("__torch__.Inner");
  inner.define("def forward(self, x: Tensor):\n    return x + torch.ones([4])\n");
  torch::jit::Module module("__torch__.M", inner._ivalue()->compilation_unit());
  module.register_module("inner", inner);
  module.define("def forward(self, x: Tensor):\n    return x * 2\n");
  const auto findings = findings_of(module);
  EXPECT_THAT(summaries(findings), ElementsAre("note implicit-cpu-1 aten::ones"));
  EXPECT_EQ(findings.front().method, "inner.forward");
  EXPECT_EQ(findings.front().module_path, "inner");
}

TEST(DeviceFindings, CountConstantsAsWhereTheArchiveHadThem) {
  const std::string read_back =
      "if x.device == self.kept.device:\n    x = x + torch.ones([4])\nreturn x * self.kept";
  DiagnoseOptions options;
  options.storage_locations = {"cuda:0"};
  std::vector<Finding> findings = findings_of(
      with_attribute(c10::TensorType::get(), at::ones({4}), "return x * self.kept"), options);
  EXPECT_EQ(findings.at(0).severity, Severity::kError);  // On cuda:1 and on the CPU.
}

TEST(DeviceFindings, HaveIdsWithThePrefixThatIsAsked) {
  DiagnoseOptions options;
  options.id_prefix = "M.trace_cpu.";
  const auto findings = findings_of(
      scripted("def forward(self, x: Tensor):\n    return x + torch.ones([4])\n"), options);
  EXPECT_EQ(findings.at(0).id, "M.trace_cpu.implicit-cpu-1");
}

}  // namespace
}  // namespace crosstrace
