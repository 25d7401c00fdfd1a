// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include "unit/diagnose/agreement.h"

#include <ATen/ATen.h>
#include <crosstrace/export/mirror.h>
#include <crosstrace/models/register.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/modules/linear.h>

// What rules predict of a cell is what the cell does when it runs.
namespace crosstrace {
namespace {

/// A scripted function body over `x`, float [3, 4].
struct Case {
  const char* name;
  const char* body;
  Told told = Told::kExactly;
};

/// Attributes that scripts below read.
torch::nn::Linear layer() {
  torch::nn::Linear linear(4, 4);
  linear->register_buffer("shift", at::rand({4}));
  linear->register_buffer("scalar", at::rand({}));
  return linear;
}

std::string indented(const std::string& body) {
  std::string text = "    ";
  for (char c : body) text += c == '\n' ? std::string("\n    ") : std::string(1, c);
  return "def forward(self, x: Tensor):\n" + text + "\n";
}

class ScriptAgreement : public ::testing::TestWithParam<Case> {};

/// The script itself on the CPU is the reference.
Model scripted(const std::string& source) {
  return ModelBuilder("M", {"m.cpp", 1})
      .module(layer,
              [source](torch::nn::LinearImpl& linear, at::Tensor x) {
                torch::jit::Module module = mirror(&linear, "Reference");
                module.define(source);
                return module.forward({x});
              })
      .script(source)
      .inputs([] {
        return at::rand({3, 4}) + 0.5;
      })
      .build();
}

TEST_P(ScriptAgreement, PredictsWhatEveryCellDoes) {
  const auto [name, body, told] = GetParam();
  expect_agreement(scripted(indented(body)), told, {ExportKind::kScript});
}

const Case kCases[] = {
    {"Plain", "return x * 2"},
    {"Parameter", "return x @ self.weight + self.bias"},
    {"FactoryWithoutDevice", "return x + torch.arange(4)"},
    {"FactoryOnCpu", "return x + torch.arange(4, device='cpu')"},
    {"FactoryOnInputsDevice", "return x + torch.arange(4, device=x.device)"},
    {"FactoryOnSim", "return x + torch.arange(4, device='sim:0')"},
    {"ZerosLike", "return x + torch.zeros_like(x)"},
    {"ZerosLikeOnCpu", "return x + torch.zeros_like(x, device='cpu')"},
    {"NewOnes", "return x + x.new_ones([4])"},
    {"NewOnesOnCpu", "return x + x.new_ones([4], device='cpu')"},
    {"ScalarOnCpu", "return x + torch.scalar_tensor(2.0)"},
    {"NumberTensor", "return x + torch.tensor(2.0)"},
    {"ListTensor", "return x + torch.tensor([1.0, 2.0, 3.0, 4.0])"},
    {"TwoScalars", "return torch.scalar_tensor(2.0) * torch.scalar_tensor(3.0) + x"},
    {"ScalarInCat", "return torch.cat([x.flatten(), torch.ones([1])])"},
    {"ScalarsInStack", "return torch.stack([x.sum(), torch.scalar_tensor(2.0)])"},
    {"ScalarInWhere", "return torch.where(x > 1, x, torch.scalar_tensor(2.0))"},
    {"MaskOnCpu", "return torch.where(torch.ones([3, 4]) > 0, x, x + 1)"},
    {"ScalarInClamp", "return torch.clamp(x, torch.scalar_tensor(0.7), torch.scalar_tensor(0.9))"},
    {"ScalarInMaximum", "return torch.max(x, torch.scalar_tensor(0.7))"},
    {"ScalarInLerp", "return torch.lerp(x, x + 1, torch.scalar_tensor(0.5))"},
    {"ScalarInAddcmul", "return torch.addcmul(x, x, torch.scalar_tensor(0.5))"},
    {"ScalarFirstInAddcmul", "return torch.addcmul(torch.scalar_tensor(0.5), x, x)"},
    {"ScalarEndInLerp", "return torch.lerp(x, torch.scalar_tensor(0.5), 0.5)"},
    {"ScalarInMseLoss", "return torch.mse_loss(x, torch.scalar_tensor(0.5)) + x"},
    {"ScalarInLdexp", "return torch.ldexp(x, torch.scalar_tensor(2))"},
    {"ScalarInForeach", "return torch._foreach_add([x, x], torch.scalar_tensor(2.0))"},
    {"IndexPutOfCpuTensor",
     "y = torch.arange(4.0)\ny[x.argmax(1)] = torch.ones([3])\nreturn x + y.to(x.device)"},
    {"ScalarInPow", "return torch.pow(x, torch.scalar_tensor(2.0))"},
    {"ScalarBase", "return torch.pow(torch.scalar_tensor(2.0), x)"},
    {"ScalarInPlace", "y = x.clone()\ny += torch.scalar_tensor(2.0)\nreturn y"},
    {"SumIntoScalar", "y = torch.scalar_tensor(2.0)\ny += x.sum()\nreturn y * x"},
    {"IndexOnCpu", "return x[torch.arange(2)]"},
    {"TwoIndicesOnCpu", "return x[torch.arange(2), torch.arange(2)] * 2"},
    {"MaskIndexOnCpu", "return x[torch.arange(3) > 0]"},
    {"IndexOfCpuTensor", "return torch.arange(4.0)[x.argmax(1)]"},
    {"IndexPutOnCpu", "y = x.clone()\ny[torch.arange(2)] = 1.5\nreturn y"},
    {"IndexPutValue", "y = x.clone()\ny[torch.arange(2)] = torch.ones([4])\nreturn y"},
    {"IndexPutScalar", "y = x.clone()\ny[torch.arange(2)] = torch.scalar_tensor(3.0)\nreturn y"},
    {"IndexSelectOnCpu", "return x.index_select(1, torch.arange(2))"},
    {"GatherOnCpu", "return x.gather(1, torch.zeros([3, 1]).long())"},
    {"Embedding", "return torch.embedding(x, torch.arange(2))"},
    {"MaskedFill", "return x.masked_fill(x > 1, torch.scalar_tensor(0.0)) + 1"},
    {"MaskedFillMaskOnCpu", "return x.masked_fill(torch.ones([4]) > 2, 0.0)"},
    {"FillFromScalar", "y = x.clone()\ny[0].fill_(torch.scalar_tensor(0.3))\nreturn y"},
    {"CopyFromCpu", "y = x.clone()\ny[0].copy_(torch.arange(4.0))\nreturn y"},
    {"ToCpu", "return x.to('cpu') * 2"},
    {"ToCpuAndBack", "return (x.to('cpu') * 2).to(x.device)"},
    {"ToCpuMethod", "return x.cpu() * 2"},
    {"ToOther", "return torch.arange(4).to(x) + x"},
    {"TypeAs", "return torch.arange(4).type_as(x) + x"},
    {"ToDtype", "return torch.arange(4).float() + x"},
    {"ToInputsDevice", "return torch.arange(4).to(x.device) + x"},
    {"ExpandAs", "return torch.arange(4).expand_as(x)[0].to(x.device) + x"},
    {"MatmulOnCpu", "return x @ torch.ones([4, 2])"},
    {"LinearOnCpu", "return torch.linear(x, torch.ones([2, 4]))"},
    {"EinsumOnCpu", "return torch.einsum('ij,jk->ik', [x, torch.ones([4, 2])])"},
    {"LayerNormOnCpu", "return torch.layer_norm(x, [4], torch.ones([4]))"},
    {"ConvOnCpu", "return torch.conv1d(x.unsqueeze(0), torch.ones([2, 3, 1]))"},
    {"ItemOnly", "n = torch.arange(4).sum().item()\nreturn x * float(n)"},
    {"IntOfTensor", "n = int(torch.ones([2]).sum())\nreturn x * n"},
    {"ShapeArithmetic", "n = torch.tensor(x.size(0)) * 2\nreturn x * int(n)"},
    {"Unused", "y = torch.arange(4) + x\nreturn x * 2"},
    {"OutputOnCpu", "return x, torch.arange(4) + int(x.sum() * 100)"},
    {"OutputInList", "return [x, x.cpu()]"},
    {"OutputInDict", "return {'a': x, 'b': x.cpu()}"},
    {"SizeAsOutput", "return x, torch.tensor(x.size(0)) + int(x.sum() * 100)"},
    {"TrainingBranch", "if self.training:\n    x = x + torch.arange(4)\nreturn x * 2"},
    {"CpuBranch",
     "if x.device.type == 'cpu':\n    y = x + torch.arange(4)\nelse:\n    y = x * 3\nreturn y * 1"},
    {"DataBranchTaken", "if bool(x.sum() > 0):\n    x = x + torch.arange(4)\nreturn x * 2",
     Told::kMaybe},
    {"DataBranchNotTaken", "if bool(x.sum() < 0):\n    x = x + torch.arange(4)\nreturn x * 2",
     Told::kMaybe},
    {"BothBranches",
     "if bool(x.sum() > 0):\n    y = torch.arange(4)\nelse:\n    y = torch.ones([4])\nreturn x + "
     "y"},
    {"NoneDefault",
     "y: Optional[Tensor] = None\nif y is None:\n    y = torch.arange(4, device=x.device)\nreturn "
     "x + y"},
    {"NoneDefaultOnCpu",
     "y: Optional[Tensor] = None\nif y is None:\n    y = torch.arange(4)\nreturn x + y"},
    {"LoopOverRows",
     "y = torch.zeros([4])\nfor i in range(x.size(0)):\n    y = y + x[i]\nreturn y"},
    {"LoopFromInput",
     "y = torch.zeros_like(x[0])\nfor i in range(x.size(0)):\n    y = y + x[i]\nreturn y"},
    {"LoopMoves", "y = x\nfor i in range(2):\n    y = y + x\n    y = y.cpu()\nreturn y"},
    {"LoopNeverMoves", "y = x\nfor i in range(3):\n    y = y + x * i\nreturn y"},
    {"AppendInLoop",
     "parts: List[Tensor] = []\nfor i in range(3):\n    parts.append(x[i])\nreturn "
     "torch.stack(parts)"},
    {"AppendCpu", "parts = [x[0]]\nparts.append(torch.arange(4.0))\nreturn torch.stack(parts)"},
    {"AppendCpuInLoop",
     "parts: List[Tensor] = []\nfor i in range(2):\n    parts.append(torch.arange(4.0))\nreturn "
     "torch.stack(parts) + x[0]"},
    {"ListItem", "parts = [x, torch.arange(4)]\nreturn parts[0] * 2"},
    {"ListSetItem", "parts = [x, torch.arange(4)]\nparts[1] = x\nreturn parts[1] * 2"},
    {"TupleItem", "pair = (x, torch.arange(4))\nreturn pair[1] + pair[0]"},
    {"DeviceInTuple", "pair = (x.device, 4)\nreturn torch.arange(pair[1], device=pair[0]) + x"},
    {"DeviceFromString", "d = torch.device('cpu')\nreturn torch.arange(4, device=d) + x"},
    {"DictOfTensors", "d: Dict[str, Tensor] = {}\nd['a'] = torch.arange(4)\nreturn x + d['a']"},
    {"Chunks", "a, b = torch.chunk(torch.arange(8), 2)\nreturn x + a * b"},
    {"Equal", "if torch.equal(torch.ones([3, 4]), x):\n    x = x + 1\nreturn x * 2"},
    {"FloorDivide", "return x // torch.scalar_tensor(2.0)"},
    {"Logical", "return torch.logical_and(x > 1, torch.scalar_tensor(1.0) > 0).float() + x"},
    {"SelectOfCpu", "return x + torch.arange(4)[2]"},
    {"SumOfCpu", "return x + torch.arange(4).sum()"},
    {"SumOverDimOfCpu", "return x + torch.ones([4, 4]).sum(0)"},
    {"ViewOfCpu", "return x + torch.arange(12).view(3, 4)"},
    {"UnsqueezedScalar", "return x + torch.scalar_tensor(1.0).unsqueeze(0)"},
    {"CpuChain", "y = torch.arange(4) * 2 + 1\nz = torch.ones([4]) - y\nreturn x - z"},
    {"Bernoulli", "return x.clone().bernoulli_(torch.scalar_tensor(1.0)) * x"},
    {"Dropout", "return torch.dropout(x, 0.5, False) + 1"},
    {"Buffer", "return x + self.shift * self.scalar"},
    {"Split", "a = x.split(2, 1)\nreturn a[0] + torch.arange(2)"},
    {"Meshgrid", "a, b = torch.meshgrid([torch.arange(3), torch.arange(4)])\nreturn x + a * b"},
    {"AssertOnCpu", "assert x.device == torch.device('cpu')\nreturn x * 2"},
    {"AssertSameDevice", "assert x.device == self.weight.device\nreturn x * 2"},
    {"EmptyStart", "y = torch.zeros([0])\nif len(y) == 0:\n    y = x\nreturn y * 2"},
    {"EmptyCat", "y = torch.zeros([0, 4])\nreturn torch.cat([y, x])"},
    {"Outer", "return torch.outer(x[0], torch.arange(4.0))"},
    {"Scatter", "return x.scatter(1, torch.zeros([3, 1]).long(), 0.5)"},
    {"CumsumMask", "return torch.ones_like(x).cumsum(1) + x"},
    {"Mse", "return torch.mse_loss(x, torch.ones([3, 4])) + x"},
    {"RSub", "return x + torch.rsub(torch.scalar_tensor(3.0), 7)"},
    {"RSubWithDims", "return x + torch.rsub(torch.arange(4), 7)"},
    {"CompositesKeepRanks",
     "n = torch.tensor(x.size(0))\nreturn x * torch.true_divide(torch.floor_divide(n * 3, n), 2)"},
    {"SqueezedNumber", "return x + (torch.ones([1]) * 4 + 1).long().squeeze()"},
    {"SqueezedDim", "return x + torch.ones([1, 1]).squeeze(0).squeeze(0)"},
    {"SqueezedToOneDim", "return x + torch.ones([1, 1]).squeeze(0)"},
    {"SqueezedRow", "return x + torch.ones([1, 4]).squeeze()", Told::kMaybe},
    {"InPlaceOnRow", "y = x.clone()\ny[0] += torch.ones([4])\nreturn y"},
    {"InPlaceOnElement", "y = x.clone()\ny[0][0] += torch.scalar_tensor(2.0)\nreturn y"},
    {"InPlaceWithMoreDims", "return x.clone().mul_(torch.ones([1, 4]))"},
    {"InPlaceMaskWithMoreDims", "return x.clone().masked_fill_(torch.ones([3, 4]) > 2, 0.0) * x"},
    {"Repeat", "return x.repeat_interleave(torch.tensor([1, 2, 1]), dim=0)"},
};

INSTANTIATE_TEST_SUITE_P(Diagnose, ScriptAgreement, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace crosstrace
