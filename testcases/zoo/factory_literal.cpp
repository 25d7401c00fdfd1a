// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// FACT-LIT: a factory in forward was given the device of an input; the trace holds the device that
// the input had. Neither `to` nor `load` rewrites it.

#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/rnn.h>
#include <torch/types.h>

#include "zoo/zoo.h"

namespace crosstrace::zoo {
namespace {

constexpr const char* kRule = "device-literal";
constexpr const char* kHidden = "Input and hidden tensors are not at the same device";

CROSSTRACE_REGISTER(TimestepEmbedding)
    .function([](at::Tensor t) {
      const at::Tensor frequencies = torch::exp(torch::arange(8, t.options()) * -0.5);
      const at::Tensor angles = t.unsqueeze(1) * frequencies.unsqueeze(0);
      return torch::cat({torch::sin(angles), torch::cos(angles)}, 1);
    })
    .inputs([] { return torch::rand({3}) * 10; })
    .expect_failure(moved(), Verdict::kError, kMixed);
ZOO_ENTRY(TimestepEmbedding, "FACT-LIT").error(kRule, "aten::arange").automatic();

CROSSTRACE_REGISTER(SequenceMask)
    .function([](at::Tensor lengths) {
      return torch::arange(6, lengths.options()).unsqueeze(0) < lengths.unsqueeze(1);
    })
    .inputs([] { return torch::randint(1, 6, {4}, torch::kLong); })
    .expect_failure(moved(), Verdict::kError, kMixed);
ZOO_ENTRY(SequenceMask, "FACT-LIT").error(kRule, "aten::arange").automatic();

CROSSTRACE_REGISTER(InitialHiddenState)
    .module([] { return torch::nn::LSTM(torch::nn::LSTMOptions(8, 16).batch_first(true)); },
            [](torch::nn::LSTMImpl& lstm, at::Tensor x) { return std::get<0>(lstm.forward(x)); })
    .inputs([] {
      return torch::randn({2, 5, 8});
    })
    .expect_failure(moved(), Verdict::kError, kHidden);
ZOO_ENTRY(InitialHiddenState, "FACT-LIT").error(kRule, "aten::zeros", 2).automatic();

CROSSTRACE_REGISTER(GatedRecurrence)
    .module([] { return torch::nn::GRU(torch::nn::GRUOptions(4, 4).num_layers(2)); },
            [](torch::nn::GRUImpl& gru, at::Tensor x) {
              const auto [output, hidden] = gru.forward(x);
              return std::make_tuple(output, hidden);
            })
    .inputs([] {
      return torch::randn({5, 2, 4});
    })
    .expect_failure(moved(), Verdict::kError, kHidden);
ZOO_ENTRY(GatedRecurrence, "FACT-LIT").error(kRule, "aten::zeros").automatic();

// `cat` takes no mixture, not even of an empty tensor.
CROSSTRACE_REGISTER(EmptySkip)
    .function([](at::Tensor x) {
      const at::Tensor skip = torch::empty({2, 0, 4}, x.options());
      return torch::relu(torch::cat({x, skip}, 1));
    })
    .inputs([] {
      return torch::randn({2, 3, 4});
    })
    .expect_failure(moved(), Verdict::kError, kMixed);
ZOO_ENTRY(EmptySkip, "FACT-LIT").error(kRule, "aten::empty").automatic();

// No operator refuses: the second output alone is on the wrong device.
CROSSTRACE_REGISTER(SplitOutputs)
    .function([](at::Tensor x) {
      const at::Tensor anchors = torch::arange(4, x.options()) * 2 + 1;
      return std::make_tuple(torch::relu(x), anchors);
    })
    .inputs([] {
      return torch::randn({3, 4});
    })
    .expect_failure(moved(), Verdict::kWrongDevice, "on ");
ZOO_ENTRY(SplitOutputs, "FACT-LIT").error(kRule, "aten::arange").automatic();

CROSSTRACE_REGISTER(AnchorGrid)
    .function([](at::Tensor x) {
      const auto grid = torch::meshgrid(
          {torch::arange(3, x.options()), torch::linspace(0, 1, 4, x.options())}, "ij");
      return x + torch::stack({grid[0], grid[1]});
    })
    .inputs([] {
      return torch::randn({2, 3, 4});
    })
    .expect_failure(moved(), Verdict::kError, kMixed);
ZOO_ENTRY(AnchorGrid, "FACT-LIT")
    .error(kRule, "aten::arange")
    .error(kRule, "aten::linspace")
    .automatic();

// Indices of an embedding must be where its weight is.
CROSSTRACE_REGISTER(TokenTypes)
    .module([] { return torch::nn::Embedding(2, 4); },
            [](torch::nn::EmbeddingImpl& types, at::Tensor words) {
              return words + types.forward(torch::zeros({3}, words.options().dtype(torch::kLong)));
            })
    .inputs([] {
      return torch::randn({2, 3, 4});
    })
    .expect_failure(moved(), Verdict::kError, kMixed);
ZOO_ENTRY(TokenTypes, "FACT-LIT").error(kRule, "aten::zeros").automatic();

struct RotaryImpl : torch::nn::Module {
  RotaryImpl() {
    periods = register_buffer("periods", torch::pow(10.0, -torch::arange(0, 4) / 4.0));
  }
  at::Tensor forward(at::Tensor x) {
    const at::Tensor angles = torch::outer(torch::arange(5, x.options()), periods);
    return x * torch::cos(angles) + torch::flip(x, {-1}) * torch::sin(angles);
  }
  at::Tensor periods;
};
TORCH_MODULE(Rotary);

CROSSTRACE_REGISTER(RotaryEmbedding)
    .module([] { return Rotary(); })
    .inputs([] {
      return torch::randn({2, 5, 4});
    })
    .expect_failure(moved(), Verdict::kError, kMixed);
ZOO_ENTRY(RotaryEmbedding, "FACT-LIT").error(kRule, "aten::arange").automatic();

CROSSTRACE_REGISTER(CausalAttention)
    .function([](at::Tensor q, at::Tensor k) {
      const at::Tensor scores = torch::matmul(q, k.transpose(-2, -1));
      const at::Tensor mask = torch::ones({5, 5}, q.options().dtype(torch::kBool)).triu(1);
      return torch::softmax(scores.masked_fill(mask, -1e9), -1);
    })
    .inputs([] {
      return arguments(torch::randn({2, 5, 4}), torch::randn({2, 5, 4}));
    })
    .expect_failure(moved(), Verdict::kError, "on");
ZOO_ENTRY(CausalAttention, "FACT-LIT").error(kRule, "aten::ones").automatic();

CROSSTRACE_REGISTER(WindowedSignal)
    .function([](at::Tensor x) { return x * torch::hann_window(16, x.options()); })
    .inputs([] {
      return torch::randn({2, 16});
    })
    .expect_failure(moved(), Verdict::kError, kMixed);
ZOO_ENTRY(WindowedSignal, "FACT-LIT").error(kRule, "aten::hann_window").automatic();

// A scripted helper that follows its argument is inlined by the C++ tracer, with its device baked.
at::Tensor call_helper(const at::Tensor& x) {
  static const auto unit = [] {
    auto made = std::make_shared<torch::jit::CompilationUnit>();
    made->define(std::nullopt,
                 "def ramp(x: Tensor) -> Tensor:\n"
                 "    return torch.full([3], 2.0, device=x.device).cumsum(0) + x\n",
                 torch::jit::nativeResolver(), nullptr);
    return made;
  }();
  return unit->get_function("ramp")({x}).toTensor();
}

CROSSTRACE_REGISTER(ScriptedHelperInTrace)
    .function([](at::Tensor x) { return torch::relu(call_helper(x)); })
    .inputs([] {
      return torch::randn({2, 3});
    })
    .expect_failure(moved(), Verdict::kError, kMixed);
ZOO_ENTRY(ScriptedHelperInTrace, "FACT-LIT").error(kRule, "aten::full").automatic();

// A literal that its author wrote, below a loop and a branch.
CROSSTRACE_REGISTER(LiteralInLoop)
    .script(R"(
def forward(self, x: Tensor) -> Tensor:
    for i in range(3):
        if i > 0:
            x = x + torch.full([3], float(i), device=torch.device("cpu"))
    return x
)")
    .inputs([] {
      return torch::randn({2, 3});
    })
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(LiteralInLoop, "FACT-LIT").warning(kRule, "aten::full").automatic();

// Lists, tuples, dicts and optionals carry the device as well as a plain tensor does.
CROSSTRACE_REGISTER(LiteralBesideContainers)
    .script(R"(
def forward(self, pair: Tuple[Tensor, Tensor], named: Dict[str, Tensor], rest: List[Tensor],
            bias: Optional[Tensor]) -> Dict[str, Tensor]:
    ramp = torch.arange(3, device=torch.device("cpu"))
    total = rest[0] + named["x"]
    if bias is not None:
        total = total + bias
    return {"sum": total + ramp, "product": pair[0] * pair[1]}
)")
    .inputs([] {
      c10::Dict<std::string, at::Tensor> named;
      named.insert("x", torch::randn({3}));
      return arguments(std::make_tuple(torch::randn({3}), torch::randn({3})), named,
                       std::vector<at::Tensor>{torch::randn({3})}, torch::randn({3}));
    })
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(LiteralBesideContainers, "FACT-LIT").error(kRule, "aten::arange").automatic();

}  // namespace
}  // namespace crosstrace::zoo
